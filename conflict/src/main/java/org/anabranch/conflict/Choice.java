package org.anabranch.conflict;

import java.util.Comparator;

/**
 * Which of several writes in conflict is read. A total order, so that it can be asked pair by pair, and the same in all regions:
 * it may look at nothing but the writes. The one that is greatest wins; of equal ones the one with the later stamp.
 */
@FunctionalInterface
public interface Choice extends Comparator<Write> {

    /** The one with the later stamp. */
    Choice NEWEST = Comparator.comparing(Write::stamp)::compare;

    /** A delete. */
    Choice DELETE = Comparator.comparing((Write write) -> write.values() == null)::compare;

    /** What is no delete. */
    Choice ROW = Comparator.comparing((Write write) -> write.values() != null)::compare;

    /** That of a region. */
    static Choice of(String region) {
        return Comparator.comparing((Write write) -> write.stamp().origin().equals(region))::compare;
    }

    /** The one of the two that is read. */
    default Write winner(Write one, Write other) {
        int order = compare(one, other);
        if (order == 0) {
            order = one.stamp().compareTo(other.stamp());
        }
        return order >= 0 ? one : other;
    }
}
