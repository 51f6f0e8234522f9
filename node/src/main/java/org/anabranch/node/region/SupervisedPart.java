package org.anabranch.node.region;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.anabranch.schemas.Part;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.PartReport;
import org.anabranch.schemas.PartState;
import org.anabranch.schemas.RegionStatus.PartStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a part running: on a thread of its own, again after every failure, after a pause that grows while it fails at once
 * and never over {@link #PAUSE_MILLIS_MAX}. A part that has FAILED is tried again too, more seldom: somebody may have mended
 * what it complained of.
 */
final class SupervisedPart implements PartReport, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SupervisedPart.class);

    private static final long PAUSE_MILLIS_MIN = 250;
    static final long PAUSE_MILLIS_MAX = 3_000;
    private static final long FAILED_PAUSE_MILLIS = 10_000;

    /** A part that ran for so long before it failed begins with the shortest pause again. */
    private static final Duration HEALTHY = Duration.ofSeconds(20);

    private static final Duration STOP_MAX = Duration.ofSeconds(8);

    private final String region;
    private final Part part;
    private final InstantSource clock;
    private final Thread thread;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile PartStatus status;

    SupervisedPart(String region, Part part, InstantSource clock) {
        this.region = region;
        this.part = part;
        this.clock = clock;
        this.status = new PartStatus(part.name(), PartState.STARTING, "", nowMicros());
        this.thread = Thread.ofPlatform()
                .name("anabranch " + region + " " + part.name())
                .unstarted(this::keepRunning);
    }

    void start() {
        thread.start();
    }

    /** Whether nobody runs it any more, though nobody has stopped it. */
    boolean isDead() {
        return thread.getState() == Thread.State.TERMINATED && stopping.getCount() > 0;
    }

    PartStatus status() {
        return status;
    }

    @Override
    public void state(PartState state, String detail) {
        PartStatus last = status;
        if (last.state() == state && last.detail().equals(detail)) {
            return;
        }
        long since = last.state() == state ? last.sinceMicros() : nowMicros();
        status = new PartStatus(part.name(), state, detail, since);
        if (last.state() != state) {
            log(state, detail);
        }
    }

    private void log(PartState state, String detail) {
        switch (state) {
            case WAITING -> LOG.warn("Part waits region={} part={} detail={}", region, part.name(), detail);
            case FAILED -> LOG.error("Part failed region={} part={} detail={}", region, part.name(), detail);
            case STARTING, COPYING, RUNNING, STOPPED ->
                LOG.info("Part is {} region={} part={} detail={}", state, region, part.name(), detail);
        }
    }

    private void keepRunning() {
        long pauseMillis = PAUSE_MILLIS_MIN;
        while (stopping.getCount() > 0) {
            long begun = System.nanoTime();
            Exception failure = runOnce();
            if (failure == null || stopping.getCount() == 0) {
                break;
            }
            boolean wasHealthy = System.nanoTime() - begun > HEALTHY.toNanos();
            pauseMillis = wasHealthy ? PAUSE_MILLIS_MIN : pauseMillis;
            pause(failure instanceof PartFailedException ? FAILED_PAUSE_MILLIS : pauseMillis);
            pauseMillis = Math.min(pauseMillis * 2, PAUSE_MILLIS_MAX);
        }
        state(PartState.STOPPED, "");
    }

    private @Nullable Exception runOnce() {
        try {
            part.run(this);
            return null;
        } catch (PartFailedException e) {
            LOG.debug("Part threw region={} part={}", region, part.name(), e);
            state(PartState.FAILED, message(e));
            return e;
        } catch (Exception e) {
            LOG.debug("Part threw region={} part={}", region, part.name(), e);
            state(PartState.WAITING, message(e));
            return e;
        }
    }

    private static String message(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private void pause(long millis) {
        try {
            if (stopping.await(millis, TimeUnit.MILLISECONDS)) {
                LOG.debug("Part will not run again region={} part={}", region, part.name());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks the part to end; {@link #close} waits for it. */
    void stop() {
        stopping.countDown();
        part.stop();
    }

    /** Ends the part. Waits for a bounded time, and interrupts a part that is not done by then. */
    @Override
    public void close() {
        stop();
        try {
            if (!thread.join(STOP_MAX)) {
                LOG.warn("Part does not end and is interrupted region={} part={}", region, part.name());
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long nowMicros() {
        return TimeUnit.MILLISECONDS.toMicros(clock.millis());
    }
}
