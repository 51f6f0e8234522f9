package org.anabranch.capture;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.anabranch.schemas.RegionStatus.CopyStatus;
import org.anabranch.schemas.TableName;

/** How far the first copies have come, for people. Written by the copy's threads, read by any. */
final class CopyProgress {

    private final Map<TableName, CopyStatus> tables = new ConcurrentSkipListMap<>();

    void begin(TableName table, CopyPosition position, long rowsEstimated) {
        long estimate = Math.max(rowsEstimated, position.rowsCopied());
        tables.put(table, new CopyStatus(table.toString(), position.rowsCopied(), estimate, position.done()));
    }

    void copied(TableName table, CopyPosition position) {
        tables.computeIfPresent(
                table,
                (name, last) -> new CopyStatus(
                        last.table(),
                        position.rowsCopied(),
                        position.done() ? position.rowsCopied() : Math.max(last.rowsEstimated(), position.rowsCopied()),
                        position.done()));
    }

    List<CopyStatus> statuses() {
        return List.copyOf(tables.values());
    }
}
