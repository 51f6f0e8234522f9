package org.anabranch.conflict;

/**
 * Orders all changes of all regions: by hybrid time, then by the change's number within its transaction, then by origin.
 *
 * <p>A stamp is a function of the origin's WAL: a change that is captured again after a crash gets the same stamp. Within
 * one origin every transaction has a hybrid time of its own, so a hybrid time alone names a transaction.
 *
 * @param hybridMicros hybrid time in microseconds since 1970-01-01 UTC, see {@link HybridClock}
 * @param number the change's place in its transaction, from 0
 * @param origin the region in which the change was committed
 */
public record Stamp(long hybridMicros, int number, String origin) implements Comparable<Stamp> {

    public Stamp {
        if (number < 0) {
            throw new IllegalArgumentException(
                    "a stamp's number is its place in the transaction, from 0, not " + number);
        }
    }

    @Override
    public int compareTo(Stamp other) {
        int order = Long.compare(hybridMicros, other.hybridMicros);
        if (order == 0) {
            order = Integer.compare(number, other.number);
        }
        return order == 0 ? origin.compareTo(other.origin) : order;
    }
}
