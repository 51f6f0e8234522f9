package org.anabranch.conflict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.anabranch.conflict.CellParts.RegisterParts;
import org.jspecify.annotations.Nullable;

/** How the rows of one table are merged: what its configuration says, as functions of states. Immutable. */
public final class RowMerge {

    private static final Values THERE = Values.of();

    /**
     * Columns that are merged together.
     *
     * @param columns by index
     */
    public record Rule(MergePolicy policy, List<Integer> columns) {
        public Rule {
            columns = List.copyOf(columns);
            if (columns.isEmpty()) {
                throw new IllegalArgumentException("a rule without columns");
            }
            if (columns.size() > 1 && !(policy instanceof MergePolicy.Chosen)) {
                throw new IllegalArgumentException(policy.name() + " takes one column, not " + columns);
            }
        }

        public static Rule of(MergePolicy policy, Integer... columns) {
            return new Rule(policy, List.of(columns));
        }

        int[] indexes() {
            int[] indexes = new int[columns.size()];
            Arrays.setAll(indexes, columns::get);
            return indexes;
        }
    }

    /** What a delete and a write in conflict make of the row. */
    public enum DeletePolicy {
        LAST_WRITER_WINS,
        WINS,
        LOSES;

        Choice choice() {
            return switch (this) {
                case LAST_WRITER_WINS -> Choice.NEWEST;
                case WINS -> Choice.DELETE;
                case LOSES -> Choice.ROW;
            };
        }
    }

    private final int columns;
    private final DeletePolicy deletes;
    private final List<Rule> rules;
    private final List<Integer> unique;

    /** Of a table in which rows may have the same values, but for their keys. */
    public RowMerge(int columns, DeletePolicy deletes, List<Rule> rules) {
        this(columns, deletes, rules, List.of());
    }

    /**
     * @param columns how many the table has
     * @param rules which together name each column once
     * @param unique columns beside the key that have to do with whether rows may stand side by side
     */
    public RowMerge(int columns, DeletePolicy deletes, List<Rule> rules, Collection<Integer> unique) {
        this.unique = List.copyOf(unique);
        this.columns = columns;
        this.deletes = deletes;
        this.rules = List.copyOf(rules);
        int[] named = rules.stream()
                .flatMap(rule -> rule.columns().stream())
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
        int[] all = new int[columns];
        Arrays.setAll(all, i -> i);
        if (!Arrays.equals(named, all)) {
            throw new IllegalArgumentException("the rules name columns " + Arrays.toString(named) + " of " + columns
                    + ", and have to name each once");
        }
    }

    /** The state of a row to which only this change was made. */
    public RowState of(RowChange change) {
        Write life = new Write(change.stamp(), change.context(), change.isDelete() ? null : THERE);
        List<@Nullable Cell> cells = new ArrayList<>();
        for (Rule rule : rules) {
            cells.add(rule.policy().cell(change, rule.indexes()));
        }
        Values after = change.after();
        Register image =
                after == null ? null : Register.of(Choice.NEWEST, new Write(change.stamp(), change.context(), after));
        Stamp claim = claims(change) ? change.stamp() : null;
        return new RowState(Register.of(deletes.choice(), life), cells, image, claim).withoutNeedlessImage();
    }

    private boolean claims(RowChange change) {
        Values before = change.before();
        Values after = change.after();
        if (before == null) {
            return true; // of every table: columns of it may be made unique later
        }
        return after != null
                && !unique.isEmpty()
                && unique.stream().anyMatch(i -> !Objects.equals(before.get(i), after.get(i)));
    }

    /**
     * Whether two rows that regions have written may not stand side by side: then it matters which of them came first, and the region
     * has to know it of its own.
     */
    boolean hasUnique() {
        return !unique.isEmpty();
    }

    /**
     * Makes a state again that was taken apart.
     *
     * @throws MisfitException if it was merged by other policies than these
     */
    public RowState state(RowParts parts) {
        if (parts.cells().size() != rules.size()) {
            throw new MisfitException("a row was merged by " + parts.cells().size() + " rules, and its table has "
                    + rules.size() + " now");
        }
        List<@Nullable Cell> cells = new ArrayList<>(rules.size());
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            CellParts cell = parts.cells().get(i);
            cells.add(cell == null ? null : rule.policy().cell(cell, rule.columns()));
        }
        RegisterParts image = parts.image();
        if (image != null && !image.hasColumns(columns)) {
            throw new MisfitException(
                    "a row was merged as " + image.kind() + ", and its table has " + columns + " now");
        }
        return new RowState(
                Register.of(deletes.choice(), parts.life()),
                cells,
                image == null ? null : Register.of(Choice.NEWEST, image),
                parts.claim());
    }

    /** Commutative, associative and idempotent. */
    public RowState merge(RowState one, RowState other) {
        return one.merge(other);
    }

    /**
     * The row; empty if it is deleted.
     *
     * @throws UnmergeableException if a policy of the user's own fails
     */
    public Optional<Values> read(RowState state) {
        if (state.isDeleted()) {
            return Optional.empty();
        }
        @Nullable String[] row = new @Nullable String[columns];
        Values image = state.image() == null ? null : state.image().winner().values();
        for (int i = 0; i < rules.size(); i++) {
            List<Integer> target = rules.get(i).columns();
            Cell cell = state.cells().get(i);
            Values values = cell == null ? null : cell.read().orElse(null);
            for (int j = 0; j < target.size(); j++) {
                int column = target.get(j);
                if (values != null) {
                    row[column] = values.get(j);
                } else if (image != null) {
                    row[column] = image.get(column);
                }
            }
        }
        return Optional.of(Values.of(row));
    }

    /**
     * Forgets what no change that is still to come can ask for.
     *
     * @param stable what every change that is still to come has in its context
     * @param pastMicros every change that is still to come is of a later hybrid time
     * @return empty if nothing is left to be remembered: the row is deleted, and everywhere known to be
     */
    public Optional<RowState> settle(RowState state, Context stable, long pastMicros) {
        RowState settled = state.settle(stable, pastMicros);
        return state.isDeleted() && state.isSettled(stable) ? Optional.empty() : Optional.of(settled);
    }

    DeletePolicy deletes() {
        return deletes;
    }

    public List<Rule> rules() {
        return rules;
    }
}
