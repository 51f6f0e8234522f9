package org.anabranch.conflict;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.anabranch.conflict.CellParts.CounterParts;
import org.jspecify.annotations.Nullable;

/**
 * What the newest insert set, and the sum of what was added since, in all regions: of two updates in conflict neither is lost. An
 * addition counts if its stamp is later than that of the newest insert. A sum for each region would diverge where inserts,
 * deletes and additions meet, so additions are kept one by one until no insert can come any more that is earlier than they. SQL's NULL counts as 0.
 */
public final class Counter implements Cell {

    private final @Nullable Stamp inserted;
    private final BigDecimal base;
    private final SortedMap<Stamp, BigDecimal> additions;

    private Counter(@Nullable Stamp inserted, BigDecimal base, SortedMap<Stamp, BigDecimal> additions) {
        this.inserted = inserted;
        this.base = base;
        this.additions = additions;
    }

    /** After one change; null if it left the column alone. */
    static @Nullable Counter of(RowChange change, int column) {
        Values before = change.before();
        Values after = change.after();
        if (after == null) {
            return null;
        }
        BigDecimal now = number(after.get(column));
        if (before == null) {
            return new Counter(change.stamp(), now, new TreeMap<>());
        }
        BigDecimal addition = now.subtract(number(before.get(column)));
        if (addition.signum() == 0) {
            return null;
        }
        TreeMap<Stamp, BigDecimal> one = new TreeMap<>();
        one.put(change.stamp(), addition);
        return new Counter(null, BigDecimal.ZERO, one);
    }

    private static BigDecimal number(@Nullable String text) {
        if (text == null) {
            return BigDecimal.ZERO;
        }
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            throw new UnmergeableException("a counter cannot be " + text, e);
        }
    }

    static Counter of(CounterParts parts) {
        return new Counter(parts.inserted(), parts.base(), new TreeMap<>(parts.additions()));
    }

    @Override
    public CounterParts parts() {
        return new CounterParts(inserted, base, Collections.unmodifiableMap(additions));
    }

    @Override
    public Counter merge(Cell cell) {
        Counter other = (Counter) cell;
        Counter newer = isInsertedLater(other) ? other : this;
        TreeMap<Stamp, BigDecimal> merged = new TreeMap<>(additions);
        merged.putAll(other.additions);
        Stamp since = newer.inserted;
        return new Counter(since, newer.base, since == null ? merged : new TreeMap<>(merged.tailMap(since)));
    }

    private boolean isInsertedLater(Counter other) {
        return other.inserted != null && (inserted == null || other.inserted.compareTo(inserted) > 0);
    }

    /** An insert that is still to come is later than what is past, so that can be summed up. */
    @Override
    public Counter settle(Context stable, Context past) {
        if (inserted == null || additions.isEmpty()) {
            return this;
        }
        BigDecimal sum = base;
        TreeMap<Stamp, BigDecimal> left = new TreeMap<>();
        for (var addition : additions.entrySet()) {
            if (stable.covers(addition.getKey()) || past.covers(addition.getKey())) {
                sum = sum.add(addition.getValue());
            } else {
                left.put(addition.getKey(), addition.getValue());
            }
        }
        return new Counter(inserted, sum, left);
    }

    @Override
    public Optional<Values> read() {
        if (inserted == null) {
            return Optional.empty();
        }
        BigDecimal sum = additions.values().stream().reduce(base, BigDecimal::add);
        return Optional.of(Values.of(sum.toPlainString()));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Counter counter
                && Objects.equals(inserted, counter.inserted)
                && base.equals(counter.base)
                && additions.equals(counter.additions);
    }

    @Override
    public int hashCode() {
        return Objects.hash(inserted, base, additions);
    }

    @Override
    public String toString() {
        return base + " at " + inserted + " and " + additions;
    }
}
