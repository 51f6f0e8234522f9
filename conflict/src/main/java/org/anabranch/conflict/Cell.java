package org.anabranch.conflict;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The merged state of one column, or of several that are merged together: a join semilattice, so that cells may be merged in
 * any order, any number of times. Immutable.
 */
public sealed interface Cell permits Register, Joined, Counter, ElementSet, Extreme {

    /**
     * The least state that holds both.
     *
     * @param other of the same kind
     */
    Cell merge(Cell other);

    /**
     * Forgets what no change that is still to come can ask for, and reads the same as before.
     *
     * @param stable what every change that is still to come has in its context
     * @param pastMicros every change that is still to come is of a later hybrid time, whether or not its writer has seen what is not
     */
    Cell settle(Context stable, long pastMicros);

    /**
     * What is to be read; empty if what it builds on has not come yet.
     *
     * @throws UnmergeableException if a policy of the user's own fails
     */
    Optional<Values> read();

    /** Whether what it builds on has come. */
    default boolean isComplete() {
        return read().isPresent();
    }

    /** Takes it apart. */
    CellParts parts();

    /** Of two that may be missing. */
    static @Nullable Cell join(@Nullable Cell one, @Nullable Cell other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.merge(other);
    }
}
