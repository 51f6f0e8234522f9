package org.anabranch.replicator;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.anabranch.conflict.ColumnPolicy;
import org.anabranch.conflict.MergePolicy;
import org.anabranch.conflict.MergePolicy.ValueOrder;
import org.anabranch.conflict.RowMerge;
import org.anabranch.conflict.RowMerge.Rule;
import org.anabranch.conflict.Values;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableSchema;
import org.anabranch.schemas.TableSchema.Column;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of a table with several writers are merged. Merged values stand in the order of their columns' names, so that
 * regions agree whose columns stand in another order.
 */
final class ContestedTable {

    private static final String PREFER = "prefer: ";

    private final TableSchema schema;
    private final long fingerprint;
    private final int[] places;
    private final Map<String, ColumnPolicy> own;
    private final RowMerge merge;

    /** @throws IllegalArgumentException if the rule names a column that is not there, or a policy that is none */
    ContestedTable(TableSchema schema, MergeRules.Rule rule) {
        this.schema = schema;
        fingerprint = schema.fingerprint();
        places = IntStream.range(0, schema.columns().size())
                .boxed()
                .sorted(Comparator.comparing(i -> schema.columns().get(i).name()))
                .mapToInt(i -> i)
                .toArray();
        own = rule.own();
        List<Integer> unique = IntStream.range(0, places.length)
                .filter(i -> schema.unique().contains(column(i).name()))
                .boxed()
                .toList();
        merge = new RowMerge(places.length, rule.deletes(), rules(rule), unique);
    }

    private List<Rule> rules(MergeRules.Rule rule) {
        Map<Integer, String> named = new TreeMap<>();
        rule.columns().forEach((column, policy) -> named.put(canonical(column), policy));
        List<Rule> rules = new ArrayList<>();
        List<Integer> together = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
            String policy = named.getOrDefault(i, rule.defaults());
            if (policy.equals("last-writer-wins-per-column")) {
                rules.add(Rule.of(MergePolicy.lastWriterWins(), i));
            } else if (policy.equals(rule.defaults())) {
                together.add(i);
            } else {
                rules.add(Rule.of(policy(policy, column(i)), i));
            }
        }
        if (!together.isEmpty()) {
            rules.add(new Rule(policy(rule.defaults(), column(together.getFirst())), together));
        }
        return rules;
    }

    private int canonical(String name) {
        for (int i = 0; i < places.length; i++) {
            if (column(i).name().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException(
                schema.name() + " has no column " + name + " to be merged by a policy of its own");
    }

    private Column column(int canonical) {
        return schema.columns().get(places[canonical]);
    }

    private MergePolicy policy(String name, Column column) {
        ColumnPolicy policy = own.get(name);
        if (policy != null) {
            return MergePolicy.own(policy);
        }
        return switch (name) {
            case "last-writer-wins" -> MergePolicy.lastWriterWins();
            case "counter" -> MergePolicy.counter();
            case "set" -> MergePolicy.set();
            case "min" -> MergePolicy.min(order(column));
            case "max" -> MergePolicy.max(order(column));
            default -> {
                if (!name.startsWith(PREFER)) {
                    throw new IllegalArgumentException("there is no merge policy " + name);
                }
                yield MergePolicy.prefer(name.substring(PREFER.length()));
            }
        };
    }

    private static ValueOrder order(Column column) {
        boolean isTime = column.type().startsWith("date") || column.type().startsWith("time");
        return isTime ? ValueOrder.TIMES : ValueOrder.NUMBERS;
    }

    /** Of a column by its place among merged values. */
    String columnName(int place) {
        return column(place).name();
    }

    /** Whether its rows may be in one another's way: see {@link org.anabranch.conflict.ClaimOrder}. */
    boolean hasUnique() {
        return !schema.unique().isEmpty();
    }

    TableSchema schema() {
        return schema;
    }

    /** Of its schema, which would hash all of it each time. */
    long fingerprint() {
        return fingerprint;
    }

    RowMerge merge() {
        return merge;
    }

    /** Whether merged values of the other's columns are values of this one's. */
    boolean hasColumnsOf(ContestedTable other) {
        return this == other
                || IntStream.range(0, Math.max(places.length, other.places.length))
                        .allMatch(i -> i < places.length
                                && i < other.places.length
                                && column(i).name().equals(other.column(i).name()));
    }

    Values values(Row row) {
        @Nullable String[] texts = new @Nullable String[places.length];
        for (int i = 0; i < texts.length; i++) {
            if (row.isUnchanged(places[i])) {
                throw new IllegalStateException("a row of " + schema.name() + " came without its column "
                        + column(i).name() + "; its replica identity must be FULL");
            }
            texts[i] = row.text(places[i]);
        }
        return Values.of(texts);
    }

    Row row(Values values) {
        @Nullable String[] texts = new @Nullable String[places.length];
        for (int i = 0; i < texts.length; i++) {
            texts[places[i]] = values.get(i);
        }
        return Row.of(texts);
    }
}
