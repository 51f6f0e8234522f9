package org.anabranch.node.config;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the rules for tables. */
final class TableReader {

    private static final String EXAMPLE = "table: public.customers";
    private static final String ONE_WRITER_ONLY = "tables with several writers are not supported by this version yet";

    private final Source source;
    private final @Nullable String hub;
    private final boolean createTables;
    private final Map<TablePattern, Position> seen = new HashMap<>();

    /**
     * @param hub the region that writes, null if the file does not say
     * @param createTables what holds where a rule does not say
     */
    TableReader(Source source, @Nullable String hub, boolean createTables) {
        this.source = source;
        this.hub = hub;
        this.createTables = createTables;
    }

    /** The rule; null after a problem. */
    @Nullable
    TableRule read(Node node) {
        Section section = Section.of(source, "a table", node);
        if (section == null) {
            return null;
        }
        section.known("table", "writers", "existing", "createTables", "merge");
        Scalar table = section.requiredText("table", EXAMPLE);
        TablePattern pattern = table == null ? null : pattern(table);
        checkWriters(section);
        Existing existing = existing(section);
        boolean create = section.flag("createTables", createTables);
        return pattern == null || hub == null
                ? null
                : new TableRule(pattern, new Writers.One(hub), existing, create, section.at());
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

    private void checkWriters(Section section) {
        if (section.has("merge")) {
            source.problems().error(section.keyAt("merge"), ONE_WRITER_ONLY, "leave 'merge' out");
        }
        if (section.isList("writers")) {
            severalWriters(section.at("writers"));
            return;
        }
        Scalar writers = section.text("writers", "writers: hub");
        if (writers == null || writers.value().equals("hub") || writers.value().equals(hub)) {
            return;
        }
        if (writers.value().equals("all")) {
            severalWriters(writers.at());
        } else {
            source.problems()
                    .error(
                            writers.at(),
                            "writers '" + writers.shown() + "' is not the hub",
                            "write 'writers: hub' or leave it out");
        }
    }

    private void severalWriters(Position at) {
        source.problems().error(at, ONE_WRITER_ONLY, "write 'writers: hub' or leave it out");
    }

    private Existing existing(Section section) {
        Scalar existing = section.text("existing", "existing: refuse");
        if (existing == null) {
            return Existing.REFUSE;
        }
        for (Existing known : Existing.values()) {
            if (known.name().toLowerCase(Locale.ROOT).equals(existing.value())) {
                return known;
            }
        }
        Words.notOneOf(source.problems(), "value of existing", existing, List.of("refuse", "keep", "replace"));
        return Existing.REFUSE;
    }
}
