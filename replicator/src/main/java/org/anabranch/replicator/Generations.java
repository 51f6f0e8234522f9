package org.anabranch.replicator;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The resolvers that wrote a partition, one after another ({@link Generation}): which of them counts for what is read, and which counted
 * at the place from which it is read after a start. That may lie before the newest has begun, and what its predecessor wrote before that
 * counts then as it did the first time: it is not said again.
 */
final class Generations {

    private record Begin(long offset, long generation) {}

    private final Deque<Begin> begun = new ArrayDeque<>();
    private long newest;
    private long applied;

    /** @param applied what counted at the place from which it is read; -1 for none */
    Generations(long applied) {
        this.applied = applied;
        newest = applied;
    }

    /**
     * A record was read that a resolver wrote.
     *
     * @return whether it is to be taken; not if a later resolver has begun
     */
    boolean takes(long offset, long generation) {
        if (generation > newest) {
            newest = generation;
            begun.add(new Begin(offset, generation));
        }
        return generation == newest;
    }

    /** What counts where the record with this offset comes next. Offsets never shrink. */
    long at(long nextOffset) {
        Begin first = begun.peek();
        while (first != null && first.offset() < nextOffset) {
            applied = first.generation();
            begun.remove();
            first = begun.peek();
        }
        return applied;
    }
}
