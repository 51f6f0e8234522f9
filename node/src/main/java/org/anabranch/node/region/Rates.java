package org.anabranch.node.region;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** How fast totals have grown over the last seconds. Thread-safe. */
final class Rates {

    private static final Duration WINDOW = Duration.ofSeconds(5);

    /** Whoever asks more often gets what was sampled last. */
    private static final Duration SAMPLE = Duration.ofMillis(200);

    private record Sample(long nanos, long total) {}

    private final LongSupplier nanoTime;
    private final Map<String, Deque<Sample>> samples = new HashMap<>();

    /** @param nanoTime as {@link System#nanoTime} */
    Rates(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Per second.
     *
     * @param name of what grows; there is a bounded number of them
     * @param total as it is now
     */
    synchronized double of(String name, long total) {
        long now = nanoTime.getAsLong();
        Deque<Sample> known = samples.computeIfAbsent(name, n -> new ArrayDeque<>());
        Sample last = known.peekLast();
        if (last == null || now - last.nanos() >= SAMPLE.toNanos()) {
            known.add(new Sample(now, total));
        }
        while (known.size() > 2 && now - known.element().nanos() > WINDOW.toNanos()) {
            known.remove();
        }
        Sample first = known.element();
        long nanos = Math.max(TimeUnit.SECONDS.toNanos(1), now - first.nanos());
        return Math.max(0, total - first.total()) * (double) TimeUnit.SECONDS.toNanos(1) / nanos;
    }
}
