package org.anabranch.node.config;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.anabranch.replicator.OwnPolicies;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the rules for tables. */
final class TableReader {

    private static final String EXAMPLE = "table: public.customers";

    private final Source source;
    private final WritersReader writersReader;
    private final boolean createTables;
    private final OnError onError;
    private final Map<TablePattern, Position> seen = new HashMap<>();

    /**
     * @param createTables what holds where a rule does not say
     * @param onError the same
     */
    TableReader(Source source, RegionNames regions, OwnPolicies policies, boolean createTables, OnError onError) {
        this.onError = onError;
        this.source = source;
        this.writersReader = new WritersReader(source.problems(), regions, policies);
        this.createTables = createTables;
    }

    /** The rule; null after a problem. */
    @Nullable
    TableRule read(Node node) {
        Section section = Section.of(source, "a table", node);
        if (section == null) {
            return null;
        }
        section.known("table", "writers", "merge", "delete", "existing", "createTables", "onError");
        Scalar table = section.requiredText("table", EXAMPLE);
        TablePattern pattern = table == null ? null : pattern(table);
        Writers writers = writersReader.read(section);
        Existing existing = existing(section, writers);
        boolean create = section.flag("createTables", createTables);
        OnError refused = OnError.read(section, source.problems(), onError);
        return pattern == null || writers == null
                ? null
                : new TableRule(pattern, writers, existing, create, refused, section.at());
    }

    private @Nullable TablePattern pattern(Scalar table) {
        try {
            TablePattern pattern = TablePattern.parse(table.value());
            Position first = seen.putIfAbsent(pattern, table.at());
            if (first != null) {
                source.problems()
                        .error(
                                table.at(),
                                "table '" + table.shown() + "' is listed twice, first in line " + first.line(),
                                "remove one of the two");
            }
            return pattern;
        } catch (IllegalArgumentException e) {
            String[] whatAndFix = String.valueOf(e.getMessage()).split("; ", 2);
            source.problems().error(table.at(), whatAndFix[0], whatAndFix[1]);
            return null;
        }
    }

    /** With several writers every region's rows stay: they enter as its own inserts. */
    private Existing existing(Section section, @Nullable Writers writers) {
        Existing otherwise = writers instanceof Writers.Several ? Existing.KEEP : Existing.REFUSE;
        Scalar existing = section.text("existing", "existing: keep");
        if (existing == null) {
            return otherwise;
        }
        if (writers instanceof Writers.Several && List.of("refuse", "replace").contains(existing.value())) {
            source.problems()
                    .error(
                            existing.at(),
                            "existing '" + existing.shown() + "' is for tables with one writer",
                            "leave 'existing' out: with several writers each region's rows stay, and are merged");
            return otherwise;
        }
        for (Existing known : Existing.values()) {
            if (known.name().toLowerCase(Locale.ROOT).equals(existing.value())) {
                return known;
            }
        }
        Words.notOneOf(source.problems(), "value of existing", existing, List.of("refuse", "keep", "replace"));
        return otherwise;
    }
}
