package org.anabranch.conflict;

/**
 * Gives each transaction of one origin a time of its own that only grows: its commit time, or one microsecond more than
 * the last, whichever is later. After Kulkarni et al., "Logical Physical Clocks" (2014), with the commit time that
 * PostgreSQL wrote into the WAL as the physical clock, so that the same WAL always gives the same times.
 *
 * <p>Not thread-safe: one capture owns it.
 */
public final class HybridClock {

    private long lastMicros;

    /**
     * @param lastMicros the last hybrid time that was given out, as stored with the WAL position; 0 for none
     */
    public HybridClock(long lastMicros) {
        this.lastMicros = lastMicros;
    }

    /**
     * The hybrid time of the next transaction.
     *
     * @param commitMicros its commit time from the WAL, microseconds since 1970-01-01 UTC
     */
    public long next(long commitMicros) {
        lastMicros = Math.max(commitMicros, lastMicros + 1);
        return lastMicros;
    }

    /** Moves the clock past a time that was seen elsewhere, so that what follows is later than what was seen. */
    public void observe(long hybridMicros) {
        lastMicros = Math.max(lastMicros, hybridMicros);
    }

    /** The last hybrid time given out or observed, in microseconds. */
    public long lastMicros() {
        return lastMicros;
    }
}
