package org.anabranch.node.region;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How far this node's clock is ahead of other nodes' clocks, at most. A status was on its way for some time, never for less than
 * none: so the time that it comes minus the time that it names is at least the distance of the two clocks, and the least of many
 * such differences is close to it. No message has to be answered for that. (The idea is that of the filter in NTP, RFC 5905, which
 * takes the sample with the least delay.) Not thread-safe.
 */
final class ClockOffsets {

    /** What was measured longer ago counts no more: clocks drift, and are set. */
    private static final Duration WINDOW = Duration.ofSeconds(30);

    /** This clock has been set, if it has gone so much further than time. */
    private static final long STEP_MICROS = 20_000;

    private record Sample(long nanos, long differenceMicros) {}

    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Map<String, Deque<Sample>> samples = new HashMap<>();
    private long startedNanos;
    private long startedMicros;

    /** @param nanoTime time that nobody sets, as {@link System#nanoTime} */
    ClockOffsets(InstantSource clock, LongSupplier nanoTime) {
        this.clock = clock;
        this.nanoTime = nanoTime;
        begin();
    }

    private void begin() {
        samples.clear();
        startedNanos = nanoTime.getAsLong();
        startedMicros = nowMicros();
    }

    private long nowMicros() {
        return TimeUnit.MILLISECONDS.toMicros(clock.millis());
    }

    /** A region's status has just come. */
    void heard(String region, long writtenAtMicros) {
        long nanos = nanoTime.getAsLong();
        long now = nowMicros();
        long elapsedMicros = TimeUnit.NANOSECONDS.toMicros(nanos - startedNanos);
        if (Math.abs(now - startedMicros - elapsedMicros) > STEP_MICROS) {
            begin();
        } else {
            startedMicros = now; // a clock that is slewed is not set
            startedNanos = nanos;
        }
        Deque<Sample> ofRegion = samples.computeIfAbsent(region, r -> new ArrayDeque<>());
        Sample sample = new Sample(nanos, now - writtenAtMicros);
        ofRegion.removeIf(old -> old.differenceMicros() >= sample.differenceMicros() || isOld(old, nanos));
        ofRegion.add(sample); // differences grow from the first to the last: the first is the least
    }

    private static boolean isOld(Sample sample, long nanos) {
        return nanos - sample.nanos() > WINDOW.toNanos();
    }

    /** Empty if nothing has been heard of it. What was heard last stands as long as nothing newer comes. */
    OptionalLong aheadMicros(String region) {
        Deque<Sample> ofRegion = samples.getOrDefault(region, new ArrayDeque<>());
        return ofRegion.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(ofRegion.element().differenceMicros());
    }

    /** By region, as {@link #aheadMicros(String)}. */
    Map<String, Long> aheadMicros() {
        Map<String, Long> ahead = new TreeMap<>();
        samples.keySet().forEach(region -> aheadMicros(region).ifPresent(micros -> ahead.put(region, micros)));
        return ahead;
    }
}
