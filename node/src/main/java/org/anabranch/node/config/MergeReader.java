package org.anabranch.node.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.anabranch.conflict.ColumnPolicy;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.replicator.MergeRules;
import org.anabranch.replicator.OwnPolicies;

/** Reads how rows are merged that several regions write at the same time. What has a problem is read as the default. */
final class MergeReader {

    private static final String PER_ROW = "last-writer-wins";
    private static final String PER_COLUMN = "last-writer-wins-per-column";
    private static final String PREFER = "prefer";
    private static final String MERGE_EXAMPLE = "merge: last-writer-wins-per-column";

    private final Problems problems;
    private final Collection<String> writers;
    private final Map<String, ColumnPolicy> own;
    private final List<String> forColumnsOnly = new ArrayList<>(List.of("counter", "set", "min", "max"));

    /** @param writers the regions that write the table */
    MergeReader(Problems problems, Collection<String> writers, OwnPolicies policies) {
        this.problems = problems;
        this.writers = writers;
        own = policies.byName();
        own.keySet().stream().sorted().forEach(forColumnsOnly::add);
    }

    MergeRules.Rule read(Section table) {
        DeletePolicy deletes = deletes(table);
        if (!table.isMapping("merge")) {
            return new MergeRules.Rule(policyOfRows(table, "merge", MERGE_EXAMPLE), Map.of(), deletes);
        }
        Section merge = table.section("merge");
        if (merge == null || merge.has(PREFER)) {
            return new MergeRules.Rule(merge == null ? PER_ROW : preferred(merge), Map.of(), deletes);
        }
        merge.known("default", "columns");
        String defaults = policyOfRows(merge, "default", "default: last-writer-wins-per-column");
        Section section = merge.section("columns");
        Map<String, String> columns = section == null ? Map.of() : columns(section);
        Map<String, ColumnPolicy> named = new HashMap<>(own);
        named.keySet().retainAll(columns.values());
        return new MergeRules.Rule(defaults, columns, deletes, named);
    }

    private DeletePolicy deletes(Section table) {
        Scalar delete = table.text("delete", "delete: last-writer-wins");
        if (delete == null) {
            return DeletePolicy.LAST_WRITER_WINS;
        }
        List<String> known = new ArrayList<>();
        for (DeletePolicy policy : DeletePolicy.values()) {
            String name = policy.name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (name.equals(delete.value())) {
                return policy;
            }
            known.add(name);
        }
        Words.notOneOf(problems, "value of delete", delete, known);
        return DeletePolicy.LAST_WRITER_WINS;
    }

    private String policyOfRows(Section section, String key, String example) {
        if (section.isMapping(key)) {
            Section policy = section.section(key);
            return policy == null ? PER_ROW : preferred(policy);
        }
        Scalar policy = section.text(key, example);
        if (policy == null || policy.value().equals(PER_ROW) || policy.value().equals(PER_COLUMN)) {
            return policy == null ? PER_ROW : policy.value();
        }
        if (forColumnsOnly.contains(policy.value())) {
            problems.error(
                    policy.at(),
                    "policy '" + policy.shown() + "' is for columns, not for all of a row",
                    "name its columns, as in 'merge: { columns: { on_hand: " + policy.value() + " } }'");
            return PER_ROW;
        }
        return otherPolicy(policy, List.of(PER_ROW, PER_COLUMN));
    }

    private Map<String, String> columns(Section section) {
        Map<String, String> columns = new LinkedHashMap<>();
        section.keys().forEach((key, at) -> {
            if (columns.putIfAbsent(columnName(key), policyOfColumn(section, key)) != null) {
                problems.error(
                        at,
                        "column '" + Scalar.shorten(key) + "' is listed twice",
                        "remove one of the two, or put names with capitals in double quotes inside of single ones");
            }
        });
        return columns;
    }

    /** Read as PostgreSQL does: folded to lower case where it is not in double quotes. */
    private static String columnName(String key) {
        boolean isQuoted = key.length() > 2 && key.startsWith("\"") && key.endsWith("\"");
        return isQuoted ? key.substring(1, key.length() - 1).replace("\"\"", "\"") : key.toLowerCase(Locale.ROOT);
    }

    private String policyOfColumn(Section columns, String column) {
        if (columns.isMapping(column)) {
            Section policy = columns.section(column);
            return policy == null ? PER_ROW : preferred(policy);
        }
        Scalar policy = columns.text(column, column + ": counter");
        if (policy == null || policy.value().equals(PER_ROW) || forColumnsOnly.contains(policy.value())) {
            return policy == null ? PER_ROW : policy.value();
        }
        if (policy.value().equals(PER_COLUMN)) {
            problems.error(
                    policy.at(),
                    "policy '" + policy.shown() + "' is for all of a row, not for a column",
                    "write '" + PER_ROW + "'");
            return PER_ROW;
        }
        List<String> known = new ArrayList<>(List.of(PER_ROW));
        known.addAll(forColumnsOnly);
        return otherPolicy(policy, known);
    }

    /** The policy as a text: {@code "prefer: eu"}. */
    private String otherPolicy(Scalar policy, Collection<String> known) {
        String[] words = policy.value().split(":", 2);
        if (words.length == 2 && words[0].strip().equals(PREFER)) {
            return prefer(new Scalar(words[1].strip(), policy.placeholder(), policy.at()));
        }
        List<String> all = new ArrayList<>(known);
        all.add("prefer: REGION");
        Words.notOneOf(problems, "policy", policy, all);
        return PER_ROW;
    }

    /** The policy as a mapping: {@code { prefer: eu }}. */
    private String preferred(Section policy) {
        policy.known(PREFER);
        Scalar region = policy.requiredText(PREFER, "prefer: REGION");
        return region == null ? PER_ROW : prefer(region);
    }

    private String prefer(Scalar region) {
        if (!writers.isEmpty() && !writers.contains(region.value())) {
            problems.error(
                    region.at(),
                    "region '" + region.shown() + "' does not write the table",
                    "name one that does: " + String.join(", ", writers));
        }
        return PREFER + ": " + region.value();
    }
}
