package org.anabranch.conflict;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Additions to a counter, of one stretch of hybrid time of about a second. They stand here, or elsewhere, where they are fetched
 * from when it matters which of them are the later ones: then a counter costs no more to add to after an outage of an hour than
 * before. Immutable.
 */
public final class Additions {

    private static final int STRETCH_BITS = 20;

    private final int size;
    private final BigDecimal sum;
    private final long name;
    private final @Nullable SortedMap<Stamp, BigDecimal> here;
    private final Supplier<Map<Stamp, BigDecimal>> elsewhere;

    private Additions(
            int size,
            BigDecimal sum,
            long name,
            @Nullable SortedMap<Stamp, BigDecimal> here,
            Supplier<Map<Stamp, BigDecimal>> elsewhere) {
        this.size = size;
        this.sum = sum;
        this.name = name;
        this.here = here;
        this.elsewhere = elsewhere;
    }

    /** @param byStamp at least one, all of one stretch; kept, not copied */
    private static Additions of(SortedMap<Stamp, BigDecimal> byStamp) {
        BigDecimal sum = byStamp.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
        return new Additions(byStamp.size(), sum, 0, byStamp, () -> byStamp);
    }

    static Additions of(Stamp stamp, BigDecimal addition) {
        TreeMap<Stamp, BigDecimal> one = new TreeMap<>();
        one.put(stamp, addition);
        return of(one);
    }

    /** @param byStamp at least one, all of one stretch */
    public static Additions of(Map<Stamp, BigDecimal> byStamp) {
        return of(new TreeMap<>(byStamp));
    }

    /**
     * @param name where they are, for who put them there
     * @param fetch gives what {@link #byStamp} gave of the additions that were put elsewhere; may be asked more than once
     */
    public static Additions elsewhere(int size, BigDecimal sum, long name, Supplier<Map<Stamp, BigDecimal>> fetch) {
        return new Additions(size, sum, name, null, fetch);
    }

    /** The number of a stamp's stretch: later ones are greater. */
    static long stretch(Stamp stamp) {
        return stamp.hybridMicros() >> STRETCH_BITS;
    }

    static boolean isPast(long stretch, long pastMicros) {
        return stretch < pastMicros >> STRETCH_BITS;
    }

    public int size() {
        return size;
    }

    public BigDecimal sum() {
        return sum;
    }

    /** Of those that stand elsewhere, where; else 0. */
    public long name() {
        return name;
    }

    /** Whether they stand here, and nowhere else. */
    public boolean isHere() {
        return here != null;
    }

    public SortedMap<Stamp, BigDecimal> byStamp() {
        return here == null ? new TreeMap<>(elsewhere.get()) : Collections.unmodifiableSortedMap(here);
    }

    /** With those of the other, which are of the same stretch. */
    Additions join(Additions other) {
        SortedMap<Stamp, BigDecimal> added = other.byStamp();
        TreeMap<Stamp, BigDecimal> joined = new TreeMap<>(byStamp());
        joined.putAll(added);
        return of(joined);
    }

    /** What is left of them; null if nothing is. */
    @Nullable
    Additions without(Predicate<Stamp> gone) {
        TreeMap<Stamp, BigDecimal> left = new TreeMap<>(byStamp());
        left.keySet().removeIf(gone);
        if (left.size() == size) {
            return this;
        }
        return left.isEmpty() ? null : of(left);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Additions additions && byStamp().equals(additions.byStamp());
    }

    @Override
    public int hashCode() {
        return byStamp().hashCode();
    }

    @Override
    public String toString() {
        return here == null ? size + " of " + sum : here.toString();
    }
}
