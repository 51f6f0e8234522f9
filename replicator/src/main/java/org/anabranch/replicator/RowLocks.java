package org.anabranch.replicator;

import java.sql.SQLException;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A row that is written locally without pause is never as its resolver has seen it. Having waited for a while it is locked, in the
 * applier's own transaction, which then stays open, for a bounded time, until the resolver has caught up with the row. Where that
 * was not enough, the next time is longer; where the region's own changes do not come through at all, nothing is locked.
 */
final class RowLocks {

    /** A row that waits for so long is locked. */
    private static final long WAIT_MILLIS = 300;

    private static final long HELD_MILLIS = 1_000;
    private static final long HELD_MILLIS_MAX = 5_000;

    /** Heartbeats come more often, so that after so long without any the region's capture or its resolver stands still. */
    private static final long SILENCE_MILLIS_MAX = 2_000;

    /** Between two locks whoever writes the rows can go on. */
    private static final long PAUSE_MILLIS = 500;

    private static final int ROWS_MAX = 100;

    private final Deferrals deferrals;
    private final MergeWriter merges;
    private final InstantSource clock;
    private final Set<RowKey> locked = new HashSet<>();
    private long lockedAtMillis;
    private long releasedAtMillis;
    private long heldMillis = HELD_MILLIS;
    private long walPosition;
    private long heardMillis;

    RowLocks(Deferrals deferrals, MergeWriter merges, InstantSource clock) {
        this.deferrals = deferrals;
        this.merges = merges;
        this.clock = clock;
    }

    /**
     * Rows that are to be locked now.
     *
     * @param cameThrough up to where in its WAL the region's own changes have come through
     */
    List<Deferred> due(long cameThrough) {
        if (cameThrough > walPosition) {
            walPosition = cameThrough;
            heardMillis = clock.millis();
        }
        boolean isTime =
                clock.millis() - releasedAtMillis >= PAUSE_MILLIS && clock.millis() - heardMillis <= SILENCE_MILLIS_MAX;
        if (deferrals.isEmpty() || !isTime || areHeld()) {
            return List.of();
        }
        return deferrals.since(clock.millis() - WAIT_MILLIS).stream()
                .filter(row -> row.version() != null)
                .limit(ROWS_MAX)
                .toList();
    }

    void lock(GuardedStatements table, List<Deferred> rows) throws SQLException {
        if (merges.lock(table, rows)) {
            rows.forEach(row -> locked.add(new RowKey(row.merge().key())));
            lockedAtMillis = clock.millis();
        } else {
            released();
        }
    }

    /** Whether the transaction is to be kept open. */
    boolean areHeld() {
        if (locked.isEmpty()) {
            return false;
        }
        locked.removeIf(key -> deferrals.get(key.bytes()) == null);
        boolean isLate = clock.millis() - lockedAtMillis > heldMillis;
        if (locked.isEmpty()) {
            heldMillis = HELD_MILLIS;
        } else if (isLate) {
            heldMillis = Math.min(HELD_MILLIS_MAX, 2 * heldMillis);
        } else {
            return true;
        }
        released();
        return false;
    }

    /** The transaction has ended, or is about to. */
    void released() {
        locked.clear();
        releasedAtMillis = clock.millis();
    }
}
