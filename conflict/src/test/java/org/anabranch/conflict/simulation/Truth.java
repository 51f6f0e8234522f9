package org.anabranch.conflict.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.anabranch.conflict.RowChange;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.Values;

/** What nobody in the simulation knows: every change ever committed, and who had seen what. It is what the end is judged by. */
final class Truth {

    private final Table table;
    private final Map<String, List<RowChange>> changes = new HashMap<>();
    private final Map<String, Set<String>> seenBy = new HashMap<>();
    private final Map<String, Stamp> stamps = new HashMap<>();
    private final Map<String, Stamp> captured = new HashMap<>();

    Truth(Table table) {
        this.table = table;
        table.keys().forEach(key -> changes.put(key, new ArrayList<>()));
    }

    List<RowChange> changesOf(String key) {
        return changes.get(key);
    }

    /** A write by someone who had a row before his eyes. */
    void sees(String later, Values row) {
        seenBy.computeIfAbsent(row.get(Table.ID), id -> new HashSet<>()).add(later);
    }

    /** @param place in which WAL, and where: what is captured again there has to get the same stamp */
    void captured(String place, String key, RowChange change) {
        Stamp stamp = change.stamp();
        Stamp before = captured.put(place, stamp);
        if (before == null) {
            changesOf(key).add(change);
            if (change.after() != null) {
                stamps.put(change.after().get(Table.ID), stamp);
            }
        } else if (!before.equals(stamp)) {
            throw new AssertionError("captured again, " + before + " became " + stamp);
        }
    }

    /** When nothing moves any more. */
    void check(List<Region> regions) {
        Map<String, Values> rows = expected();
        for (String key : table.keys()) {
            Optional<Values> expected = Optional.ofNullable(rows.get(key));
            for (Region region : regions) {
                Optional<Values> row = region.database.row(key);
                if (!row.equals(expected)) {
                    throw new AssertionError(region.name + " holds " + Telling.of(row.orElse(null)) + " of " + key
                            + ", and should " + Telling.of(expected.orElse(null)) + ", of: " + changesOf(key));
                }
            }
            expected.ifPresent(row -> checkNobodyHadSeenIt(key, row.get(Table.ID)));
        }
        checkCausality();
    }

    /** As if rows came in the order of their claims, and none that is in another's way. */
    private Map<String, Values> expected() {
        List<String> keys = new ArrayList<>(table.keys());
        keys.removeIf(key -> table.expected(changesOf(key)).isEmpty());
        if (table.isUnique()) {
            keys.sort(Comparator.comparing(key -> Table.claim(changesOf(key))));
        }
        Map<String, Values> rows = new HashMap<>();
        for (String key : keys) {
            Values row = table.expected(changesOf(key)).orElseThrow();
            if (rows.values().stream().noneMatch(other -> Table.collide(other, row))) {
                rows.put(key, row);
            }
        }
        return rows;
    }

    private void checkNobodyHadSeenIt(String key, String id) {
        for (String later : seenBy.getOrDefault(id, Set.of())) {
            if (stamps.containsKey(later)) {
                throw new AssertionError(
                        later + " was written to " + key + " after seeing " + id + ", which is there now");
            }
        }
    }

    private void checkCausality() {
        seenBy.forEach((earlier, laters) -> laters.forEach(later -> {
            Stamp one = stamps.get(earlier);
            Stamp other = stamps.get(later);
            if (one != null && other != null && one.compareTo(other) >= 0) {
                throw new AssertionError(
                        later + " at " + other + " was written after seeing " + earlier + " at " + one);
            }
        }));
    }
}
