package org.anabranch.schemas;

import org.jspecify.annotations.Nullable;

/**
 * Where additions to a row's counters are kept that would make its entry large. What an entry refers to is never written over:
 * whatever a crash leaves of a row's last writes, its entry finds what it was written with.
 */
public interface AdditionsStore {

    /** Null if nothing was put there. */
    byte @Nullable [] get(Place place);

    void put(Place place, byte[] additions);

    /**
     * @param cell the counter's place among the row's cells
     * @param stretch which of its additions
     * @param name by their content, so that other additions of the same stretch stand elsewhere
     */
    record Place(int cell, long stretch, long name) {}
}
