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
 * deletes and additions meet, so additions are kept, with their stamps, until no insert can come any more that is earlier than
 * they. SQL's NULL counts as 0.
 */
public final class Counter implements Cell {

    private final @Nullable Stamp inserted;
    private final BigDecimal base;

    /** By stretch of time. */
    private final SortedMap<Long, Additions> additions;

    private Counter(@Nullable Stamp inserted, BigDecimal base, SortedMap<Long, Additions> additions) {
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
        TreeMap<Long, Additions> one = new TreeMap<>();
        one.put(Additions.stretch(change.stamp()), Additions.of(change.stamp(), addition));
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
        return new CounterParts(inserted, base, Collections.unmodifiableSortedMap(additions));
    }

    @Override
    public Counter merge(Cell cell) {
        Counter other = (Counter) cell;
        Counter newer = isInsertedLater(other) ? other : this;
        TreeMap<Long, Additions> merged = new TreeMap<>(additions);
        other.additions.forEach((stretch, added) -> merged.merge(stretch, added, Additions::join));
        return new Counter(newer.inserted, newer.base, since(newer.inserted, merged));
    }

    private boolean isInsertedLater(Counter other) {
        return other.inserted != null && (inserted == null || other.inserted.compareTo(inserted) > 0);
    }

    private static SortedMap<Long, Additions> since(@Nullable Stamp inserted, SortedMap<Long, Additions> all) {
        if (inserted == null) {
            return all;
        }
        long stretch = Additions.stretch(inserted);
        all.headMap(stretch).clear();
        all.computeIfPresent(stretch, (same, additions) -> additions.without(stamp -> stamp.compareTo(inserted) < 0));
        return all;
    }

    /** An insert that is still to come is later than what is past, so that can be summed up. */
    @Override
    public Counter settle(Context stable, long pastMicros) {
        if (inserted == null || additions.isEmpty()) {
            return this;
        }
        BigDecimal sum = base;
        TreeMap<Long, Additions> left = new TreeMap<>();
        for (var each : additions.entrySet()) {
            Additions before = each.getValue();
            Additions after = settle(each.getKey(), before, stable, pastMicros);
            if (after == null) {
                sum = sum.add(before.sum());
                continue;
            }
            left.put(each.getKey(), after);
            if (after.size() < before.size()) {
                sum = sum.add(before.sum().subtract(after.sum()));
            }
        }
        return new Counter(inserted, sum, left);
    }

    /** Those that stand elsewhere are only fetched where they must be: they wait for the last of them. */
    private static @Nullable Additions settle(long stretch, Additions additions, Context stable, long pastMicros) {
        if (Additions.isPast(stretch, pastMicros)) {
            return null;
        }
        return additions.isHere()
                ? additions.without(stamp -> stamp.hybridMicros() <= pastMicros || stable.covers(stamp))
                : additions;
    }

    @Override
    public Optional<Values> read() {
        if (inserted == null) {
            return Optional.empty();
        }
        BigDecimal sum = additions.values().stream().map(Additions::sum).reduce(base, BigDecimal::add);
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
        return base + " at " + inserted + " and " + additions.values();
    }
}
