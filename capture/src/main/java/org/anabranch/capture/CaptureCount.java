package org.anabranch.capture;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.anabranch.schemas.RegionStatus.CapturedStatus;

/** How much is captured, over all runs of a capture. Written by the stream's thread, read by any. */
final class CaptureCount {

    private final AtomicLong rows = new AtomicLong();
    private volatile long untilMicros;

    void row() {
        rows.lazySet(rows.get() + 1); // one thread counts
    }

    /** Everything that was acknowledged in the database before that moment is in Kafka. */
    void reached(long micros) {
        untilMicros = micros;
    }

    /** Without a rate. */
    CapturedStatus status() {
        return new CapturedStatus(untilMicros, 0, rows.get());
    }

    /** A moment as the token of a heartbeat. */
    static String token(long millis) {
        return Long.toString(TimeUnit.MILLISECONDS.toMicros(millis));
    }

    /** What a heartbeat's token says; 0 for one of another kind. */
    static long micros(String token) {
        try {
            return Long.parseLong(token);
        } catch (NumberFormatException e) {
            return 0; // an earlier version wrote others
        }
    }
}
