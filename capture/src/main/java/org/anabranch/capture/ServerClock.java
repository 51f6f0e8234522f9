package org.anabranch.capture;

import java.time.InstantSource;

/**
 * What the database server's clock says, without asking it: the local clock and its distance from the server's, as last seen.
 * Wrong by at most the time that the server took to answer. Set by the heartbeat's thread, read by the stream's.
 */
final class ServerClock {

    private static final long MICROS_PER_MILLI = 1_000;

    private final InstantSource local;
    private volatile long aheadMicros;

    ServerClock(InstantSource local) {
        this.local = local;
    }

    /** The server has just said what time it is. */
    void said(long serverMicros) {
        aheadMicros = serverMicros - local.millis() * MICROS_PER_MILLI;
    }

    /** Microseconds since 1970-01-01 UTC. */
    long nowMicros() {
        return local.millis() * MICROS_PER_MILLI + aheadMicros;
    }
}
