package org.anabranch.conflict.simulation;

import java.util.List;
import java.util.Map;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.Values;

/** What capture reads in a region's WAL. */
sealed interface WalEntry {

    record RowWrite(String key, Values before, Values after) {}

    /** Of the region's own; without rows a heartbeat. */
    record Transaction(long commitMicros, List<RowWrite> rows) implements WalEntry {}

    /**
     * The applier's row of the clock.
     *
     * @param context what the region holds as a whole
     * @param ofRows what some rows do, before that
     */
    record ClockRow(Stamp newest, Context context, Map<String, Context> ofRows) implements WalEntry {}
}
