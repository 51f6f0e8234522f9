package org.anabranch.conflict;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.anabranch.conflict.CellParts.CounterParts;
import org.anabranch.conflict.CellParts.ExtremeParts;
import org.anabranch.conflict.CellParts.RegisterParts;
import org.anabranch.conflict.CellParts.SetParts;
import org.jspecify.annotations.Nullable;

/** How a column, or several columns together, are merged when regions write them at the same time. */
public sealed interface MergePolicy {

    /** As the configuration names it. */
    String name();

    /**
     * The state after one change alone; null if the change left the columns as they were.
     *
     * @param columns by index; policies other than {@link Chosen} take one
     * @throws UnmergeableException if the policy can do nothing with a value
     */
    @Nullable
    Cell cell(RowChange change, int... columns);

    /**
     * The state that was taken apart.
     *
     * @param columns by index
     * @throws MisfitException if it was merged by a policy of another kind
     */
    Cell cell(CellParts parts, List<Integer> columns);

    /** The write with the later stamp is read. */
    static MergePolicy lastWriterWins() {
        return new Chosen("last-writer-wins", Choice.NEWEST);
    }

    /** Of writes in conflict that of a region is read; where it wrote none, the one with the later stamp. */
    static MergePolicy prefer(String region) {
        return new Chosen("prefer: " + region, Choice.of(region));
    }

    static MergePolicy own(ColumnPolicy policy) {
        return new Own(policy);
    }

    static MergePolicy counter() {
        return new Computed<>("counter", Counter::of, CounterParts.class, Counter::of);
    }

    static MergePolicy set() {
        return new Computed<>("set", ElementSet::of, SetParts.class, ElementSet::of);
    }

    static MergePolicy min(ValueOrder order) {
        return extreme("min", order.reversed());
    }

    static MergePolicy max(ValueOrder order) {
        return extreme("max", order);
    }

    private static MergePolicy extreme(String name, Comparator<String> better) {
        return new Computed<>(
                name,
                (change, column) -> Extreme.of(better, change, column),
                ExtremeParts.class,
                parts -> Extreme.of(better, parts));
    }

    /** What a row's values are ordered by for min and max. */
    enum ValueOrder implements Comparator<String> {
        NUMBERS {
            @Override
            public int compare(String one, String other) {
                return ValueTexts.compareNumbers(one, other);
            }
        },
        TIMES {
            @Override
            public int compare(String one, String other) {
                return ValueTexts.compareTimes(one, other);
            }
        };

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** One of the writes in conflict is read whole, and the others are lost: only here there is a conflict to be shown. */
    record Chosen(String name, Choice choice) implements MergePolicy {
        @Override
        public @Nullable Cell cell(RowChange change, int... columns) {
            Values written = written(change, columns);
            return written == null ? null : register(choice, change, written);
        }

        @Override
        public Cell cell(CellParts parts, List<Integer> columns) {
            if (parts instanceof RegisterParts register && register.hasColumns(columns.size())) {
                return Register.of(choice, register);
            }
            throw new MisfitException(parts, columns, name);
        }
    }

    /** Of writes in conflict a class of the user's own makes what is read. */
    record Own(ColumnPolicy policy) implements MergePolicy {
        @Override
        public String name() {
            return policy.name();
        }

        @Override
        public @Nullable Cell cell(RowChange change, int... columns) {
            Values written = written(change, columns);
            return written == null ? null : new Joined(policy, register(Choice.NEWEST, change, written));
        }

        @Override
        public Cell cell(CellParts parts, List<Integer> columns) {
            if (parts instanceof RegisterParts register && register.hasColumns(columns.size())) {
                return new Joined(policy, Register.of(Choice.NEWEST, register));
            }
            throw new MisfitException(parts, columns, name());
        }
    }

    /** What the change wrote there; null if it left the columns as they were. */
    static @Nullable Values written(RowChange change, int... columns) {
        Values after = change.after();
        if (after == null) {
            return null;
        }
        Values written = after.select(columns);
        Values before = change.before();
        boolean isWholeRow = columns.length == after.size();
        boolean isUnchanged =
                before != null && !isWholeRow && before.select(columns).equals(written);
        return isUnchanged ? null : written;
    }

    private static Register register(Choice choice, RowChange change, Values written) {
        return Register.of(choice, new Write(change.stamp(), change.context(), written));
    }

    /**
     * What is read comes from all writes.
     *
     * @param kind what its cells are when taken apart
     * @param again makes a cell of that
     */
    record Computed<P extends CellParts>(String name, OneColumn of, Class<P> kind, Function<P, Cell> again)
            implements MergePolicy {
        @Override
        public @Nullable Cell cell(RowChange change, int... columns) {
            return of.cell(change, columns[0]);
        }

        @Override
        public Cell cell(CellParts parts, List<Integer> columns) {
            if (!kind.isInstance(parts)) {
                throw new MisfitException(parts, columns, name);
            }
            return again.apply(kind.cast(parts));
        }
    }

    /** Makes the cell of one column. */
    interface OneColumn {
        @Nullable
        Cell cell(RowChange change, int column);
    }
}
