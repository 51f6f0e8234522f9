package org.anabranch.schemas;

import org.jspecify.annotations.Nullable;

/** Where additions to a row's counters are kept that would make its entry large. */
public interface AdditionsStore {

    /**
     * What was put last; null if nothing was.
     *
     * @param cell the counter's place among the row's cells
     * @param stretch which of its additions
     */
    byte @Nullable [] get(int cell, long stretch);

    void put(int cell, long stretch, byte[] additions);
}
