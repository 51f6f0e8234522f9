package org.anabranch.conflict;

import java.util.Collections;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.anabranch.conflict.CellParts.ExtremeParts;
import org.jspecify.annotations.Nullable;

/**
 * The least or the greatest of all values that were written since the newest insert. Of these it keeps those that a later insert
 * could leave as the best: each is better than all that are later. SQL's NULL loses against every value.
 */
public final class Extreme implements Cell {

    private final Comparator<String> better;
    private final @Nullable Stamp inserted;
    private final SortedMap<Stamp, String> values;

    private Extreme(Comparator<String> better, @Nullable Stamp inserted, SortedMap<Stamp, String> values) {
        this.better = better;
        this.inserted = inserted;
        this.values = values;
    }

    /**
     * After one change; null if it left the column alone.
     *
     * @param better puts the value that is to be read last
     */
    static @Nullable Extreme of(Comparator<String> better, RowChange change, int column) {
        Values before = change.before();
        Values after = change.after();
        if (after == null || before != null && Objects.equals(before.get(column), after.get(column))) {
            return null;
        }
        TreeMap<Stamp, String> one = new TreeMap<>();
        String value = after.get(column);
        if (value != null) {
            one.put(change.stamp(), value);
        }
        return new Extreme(better, before == null ? change.stamp() : null, one);
    }

    /** Also right if the values were kept for another order: no state says whether it was min's or max's. */
    static Extreme of(Comparator<String> better, ExtremeParts parts) {
        TreeMap<Stamp, String> values = new TreeMap<>(parts.values());
        return new Extreme(better, parts.inserted(), values.size() < 2 ? values : frontier(better, values));
    }

    @Override
    public ExtremeParts parts() {
        return new ExtremeParts(inserted, Collections.unmodifiableMap(values));
    }

    @Override
    public Extreme merge(Cell cell) {
        Extreme other = (Extreme) cell;
        TreeMap<Stamp, String> all = new TreeMap<>(values);
        all.putAll(other.values);
        Stamp since = other.inserted != null && (inserted == null || other.inserted.compareTo(inserted) > 0)
                ? other.inserted
                : inserted;
        return new Extreme(better, since, frontier(better, since == null ? all : all.tailMap(since)));
    }

    private static SortedMap<Stamp, String> frontier(Comparator<String> better, SortedMap<Stamp, String> all) {
        TreeMap<Stamp, String> left = new TreeMap<>();
        String best = null;
        for (var value : new TreeMap<>(all).descendingMap().entrySet()) {
            if (best == null || better.compare(value.getValue(), best) > 0) {
                best = value.getValue();
                left.put(value.getKey(), best);
            }
        }
        return left;
    }

    /** Inserts that are still to come are later than all that is past, so of that only the best is needed. */
    @Override
    public Extreme settle(Context stable, long pastMicros) {
        TreeMap<Stamp, String> left = new TreeMap<>();
        boolean hasStable = false;
        for (var value : values.entrySet()) { // the best comes first
            boolean isStable = stable.covers(value.getKey()) || value.getKey().hybridMicros() <= pastMicros;
            if (!isStable || !hasStable) {
                left.put(value.getKey(), value.getValue());
            }
            hasStable |= isStable;
        }
        return new Extreme(better, inserted, left);
    }

    @Override
    public Optional<Values> read() {
        if (inserted == null) {
            return Optional.empty();
        }
        return Optional.of(
                Values.of(values.isEmpty() ? null : values.firstEntry().getValue()));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Extreme extreme
                && Objects.equals(inserted, extreme.inserted)
                && values.equals(extreme.values);
    }

    @Override
    public int hashCode() {
        return Objects.hash(inserted, values);
    }

    @Override
    public String toString() {
        return values + " since " + inserted;
    }
}
