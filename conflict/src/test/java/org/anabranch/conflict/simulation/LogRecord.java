package org.anabranch.conflict.simulation;

import org.anabranch.conflict.Context;
import org.anabranch.conflict.RowChange;
import org.anabranch.conflict.Stamp;

/**
 * What stands in a topic of changes: a change, or a marker if it has no key.
 *
 * @param context what the origin held as a whole
 * @param wal where it comes from in the origin's WAL
 */
record LogRecord(Stamp stamp, String key, RowChange change, long commitMicros, Context context, int wal) {

    boolean isMarker() {
        return key == null;
    }
}
