package org.anabranch.replicator;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.anabranch.schemas.PartReport;
import org.anabranch.schemas.PartState;

/** Waits, for a while, for what is on its way to the applier by another topic, and says so meanwhile. */
final class Waiting {

    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final InstantSource clock;
    private final PartReport report;
    private final CountDownLatch stop;

    Waiting(InstantSource clock, PartReport report, CountDownLatch stop) {
        this.clock = clock;
        this.report = report;
        this.stop = stop;
    }

    long begin() {
        return clock.millis();
    }

    /**
     * A little longer.
     *
     * @param sinceMillis {@link #begin}
     * @throws IllegalStateException if that was long enough, or the applier is to stop
     */
    void longer(long sinceMillis, String what) throws InterruptedException {
        report.state(PartState.WAITING, what);
        boolean isLongEnough = clock.millis() - sinceMillis > LONGEST.toMillis();
        if (stop.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS) || isLongEnough) {
            throw new IllegalStateException(what);
        }
    }
}
