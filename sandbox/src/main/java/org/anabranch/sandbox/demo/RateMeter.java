package org.anabranch.sandbox.demo;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/** How fast a total grows, over the last seconds. For one thread. */
final class RateMeter {

    private static final long WINDOW_NANOS = 5_000_000_000L;
    private static final int SAMPLES_MAX = 100;

    private final LongSupplier nanoClock;
    private final Deque<Sample> samples = new ArrayDeque<>();

    private record Sample(long nanos, long total) {}

    RateMeter(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** Takes in the total as it is now, and gives its growth per second; 0 at first. */
    double perSecond(long total) {
        Sample now = new Sample(nanoClock.getAsLong(), total);
        samples.addLast(now);
        while (samples.size() > SAMPLES_MAX
                || (samples.size() > 2 && now.nanos() - samples.getFirst().nanos() > WINDOW_NANOS)) {
            samples.removeFirst();
        }
        Sample oldest = samples.getFirst();
        long nanos = now.nanos() - oldest.nanos();
        return nanos <= 0 ? 0 : (total - oldest.total()) * 1e9 / nanos;
    }
}
