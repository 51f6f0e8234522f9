package org.anabranch.node.config;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.anabranch.replicator.MergeRules;
import org.anabranch.replicator.OwnPolicies;
import org.jspecify.annotations.Nullable;

/** Reads which regions write a table, and how what several of them write is merged. */
final class WritersReader {

    private static final String KEY = "writers";
    private static final String ALL = "all";
    private static final String HUB = "hub";

    private final Problems problems;
    private final RegionNames names;
    private final OwnPolicies policies;

    WritersReader(Problems problems, RegionNames names, OwnPolicies policies) {
        this.problems = problems;
        this.names = names;
        this.policies = policies;
    }

    /** Null after a problem. */
    @Nullable
    Writers read(Section table) {
        List<String> regions = regions(table);
        if (regions != null && regions.size() == 1) {
            for (String key : List.of("merge", "delete")) {
                refuseForOneWriter(table, key, regions.getFirst());
            }
            return new Writers.One(regions.getFirst());
        }
        MergeRules.Rule merge =
                new MergeReader(problems, regions == null ? names.all() : regions, policies).read(table);
        return regions == null ? null : new Writers.Several(regions, merge);
    }

    private void refuseForOneWriter(Section table, String key, String writer) {
        if (table.has(key)) {
            problems.error(
                    table.keyAt(key),
                    key + " is for tables with several writers, and only '" + writer + "' writes this one",
                    "leave '" + key + "' out, or write 'writers: all'");
        }
    }

    /** In the order of the file's regions; null after a problem. */
    private @Nullable List<String> regions(Section table) {
        if (table.isList(KEY)) {
            return listed(table);
        }
        if (!table.has(KEY)) {
            return names.isMesh() ? names.all() : one(names.hub());
        }
        Scalar writers = table.text(KEY, "writers: all");
        if (writers == null) {
            return null;
        }
        return writers.value().equals(ALL) ? names.all() : one(region(writers, true));
    }

    private @Nullable List<String> listed(Section table) {
        Set<String> listed = new LinkedHashSet<>();
        boolean good = true;
        List<Scalar> items = table.texts(KEY, "writers: [eu, us]");
        for (Scalar item : items) {
            String region = region(item, false);
            good &= region != null;
            if (region != null && !listed.add(region)) {
                problems.error(item.at(), "region '" + item.shown() + "' is listed twice", "remove one of the two");
            }
        }
        if (items.isEmpty()) {
            problems.error(table.at(KEY), "no region writes the table", "write 'writers: all', or name the regions");
        }
        return good && !listed.isEmpty()
                ? names.all().stream().filter(listed::contains).toList()
                : null;
    }

    private static @Nullable List<String> one(@Nullable String region) {
        return region == null ? null : List.of(region);
    }

    /** The word hub stands for the hub, whatever its name. */
    private @Nullable String region(Scalar given, boolean mayBeAll) {
        if (given.value().equals(HUB) && !names.isMesh()) {
            return names.hub();
        }
        if (names.all().contains(given.value())) {
            return given.value();
        }
        if (given.value().equals(HUB)) {
            problems.error(given.at(), "a mesh has no hub", "name the region, or write 'writers: all'");
        } else if (!names.all().isEmpty()) {
            Words.notOneOf(problems, "region", given, allowed(mayBeAll));
        }
        return null;
    }

    private Collection<String> allowed(boolean mayBeAll) {
        Set<String> allowed = new LinkedHashSet<>();
        if (!names.isMesh()) {
            allowed.add(HUB);
        }
        if (mayBeAll) {
            allowed.add(ALL);
        }
        allowed.addAll(names.all());
        return allowed;
    }
}
