package org.anabranch.replicator;

import java.util.HashMap;
import java.util.Map;

/**
 * Sees to it that of a resolver's answers for a row, which are read in the order in which they were made and handed out as their
 * origins' epochs allow, no older one is applied after a newer one. Remembers a row while answers for it wait.
 */
final class AnswerOrder {

    private static final class Row {
        long newestHandedOut = -1;
        int waiting;
    }

    private final Map<RowKey, Row> rows = new HashMap<>();
    private long read;

    /** An answer was read; gives its place in the order. */
    long read(byte[] key) {
        rows.computeIfAbsent(new RowKey(key), k -> new Row()).waiting++;
        return read++;
    }

    /** An answer is handed out; gives whether it is the newest so far. */
    boolean handOut(byte[] key, long place) {
        Row row = rows.get(new RowKey(key));
        if (row == null) {
            throw new IllegalStateException("an answer is handed out that was never read");
        }
        row.waiting--;
        if (row.waiting == 0) {
            rows.remove(new RowKey(key));
        }
        boolean isNewest = place > row.newestHandedOut;
        row.newestHandedOut = Math.max(place, row.newestHandedOut);
        return isNewest;
    }
}
