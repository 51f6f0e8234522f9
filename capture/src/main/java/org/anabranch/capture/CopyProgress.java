package org.anabranch.capture;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongSupplier;
import org.anabranch.schemas.RegionStatus.CopyStatus;
import org.anabranch.schemas.TableName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far the first copies have come, for people. Written by the copy's threads, read by any. */
final class CopyProgress {

    private static final Logger LOG = LoggerFactory.getLogger(CopyProgress.class);
    private static final long LOG_NANOS = Duration.ofSeconds(10).toNanos();
    private static final double NANOS_PER_SECOND = 1e9;

    private final LongSupplier nanoTime;
    private final Map<TableName, Copy> tables = new ConcurrentSkipListMap<>();

    /** @param begunNanos when the first rows of this run came, 0 before */
    private record Copy(CopyStatus status, long rowsBefore, long begunNanos, long loggedNanos) {}

    CopyProgress(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    void begin(TableName table, CopyPosition position, long rowsEstimated) {
        long estimate = Math.max(rowsEstimated, position.rowsCopied());
        CopyStatus status = new CopyStatus(table.toString(), position.rowsCopied(), estimate, position.done(), 0);
        tables.put(table, new Copy(status, position.rowsCopied(), 0, 0));
    }

    void copied(TableName table, CopyPosition position) {
        tables.computeIfPresent(table, (name, last) -> next(last, position));
    }

    /** The rate counts from the first rows on: tables of a pipeline are copied one after the other. */
    private Copy next(Copy last, CopyPosition position) {
        long now = nanoTime.getAsLong();
        long rows = position.rowsCopied();
        boolean isFirst = last.begunNanos() == 0;
        double seconds = (now - last.begunNanos()) / NANOS_PER_SECOND;
        CopyStatus status = new CopyStatus(
                last.status().table(),
                rows,
                position.done() ? rows : Math.max(last.status().rowsEstimated(), rows),
                position.done(),
                isFirst || seconds <= 0 ? 0 : (rows - last.rowsBefore()) / seconds);
        boolean isToBeLogged = position.done() || now - last.loggedNanos() > LOG_NANOS;
        if (isToBeLogged) {
            LOG.info("First copy of {}", status.line());
        }
        return new Copy(
                status,
                isFirst ? rows : last.rowsBefore(),
                isFirst ? now : last.begunNanos(),
                isToBeLogged ? now : last.loggedNanos());
    }

    List<CopyStatus> statuses() {
        return tables.values().stream().map(Copy::status).toList();
    }
}
