package org.anabranch.node.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.anabranch.conflict.ColumnPolicy;
import org.anabranch.node.config.Nearest;
import org.anabranch.replicator.MergeRules;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableSchema;
import org.jspecify.annotations.Nullable;

/**
 * Whether the policies of a table's columns fit the columns.
 *
 * @param region where the table stands
 */
record MergeFit(String region, TableSchema table) {

    private static final String NUMBERS = "smallint|integer|bigint|numeric(\\(.*\\))?";

    /** What a policy takes: by the type's name, and in words. */
    private record Takes(Pattern type, String words) {}

    List<Finding> findings(MergeRules.Rule rule) {
        List<Finding> findings = new ArrayList<>();
        new TreeMap<>(rule.columns())
                .forEach((column, policy) -> look(column, policy, rule.own().get(policy), findings));
        return findings;
    }

    private void look(String column, String policy, @Nullable ColumnPolicy own, List<Finding> findings) {
        int index = table.indexOf(column);
        if (index < 0) {
            List<String> columns =
                    table.columns().stream().map(TableSchema.Column::name).toList();
            findings.add(error(
                    "has no column '" + column + "' that travels, and its merge names one",
                    Nearest.to(column, columns)
                            .map(nearest -> "did you mean '" + nearest + "'?")
                            .orElse("its columns are: " + String.join(", ", columns))));
            return;
        }
        if (table.key().contains(column)) {
            findings.add(error(
                    "its column '" + column + "' is part of the primary key and cannot be '" + policy
                            + "': another key is another row",
                    "leave the column out of merge"));
            return;
        }
        String type = table.columns().get(index).type();
        if (own == null) {
            lookAtType(column, type, policy, findings);
        } else {
            lookAtType(column, type, own, findings);
        }
    }

    private void lookAtType(String column, String type, String policy, List<Finding> findings) {
        Takes takes = takes(policy);
        if (!takes.type().matcher(type).matches()) {
            findings.add(error(
                    "its column '" + column + "' is " + type + " and cannot be merged by '" + policy + "'",
                    policy + " takes " + takes.words() + "; name another policy"));
        }
    }

    private void lookAtType(String column, String type, ColumnPolicy own, List<Finding> findings) {
        try {
            if (!own.takes(type)) {
                findings.add(error(
                        "its column '" + column + "' is " + type + ", which '" + own.name() + "' does not take",
                        "name another policy, or let " + own.getClass().getName() + " take the type"));
            }
        } catch (RuntimeException | LinkageError e) {
            findings.add(error(
                    "its column '" + column + "' is " + type + ", and '" + own.name()
                            + "' cannot say whether it takes that: " + e,
                    "mend takes() of " + own.getClass().getName()));
        }
    }

    private static Takes takes(String policy) {
        return switch (policy) {
            case "counter" -> new Takes(Pattern.compile(NUMBERS), "smallint, integer, bigint and numeric");
            case "min", "max" ->
                new Takes(
                        Pattern.compile(NUMBERS + "|real|double precision|date|time(\\(\\d\\))? without time zone"
                                + "|timestamp(\\(\\d\\))? with(out)? time zone"),
                        "numbers, dates, times and timestamps");
            case "set" -> new Takes(Pattern.compile(".*[^]]\\[]"), "arrays of one dimension");
            default -> new Takes(Pattern.compile(".*", Pattern.DOTALL), "every type");
        };
    }

    private Finding error(String what, String fix) {
        return Finding.error(region + ": table " + table.name(), what, fix);
    }
}
