package org.anabranch.replicator;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.anabranch.schemas.Span;
import org.anabranch.schemas.UnreadableRecordException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Keeps out, for the time being, stamps that are far ahead of the clock here: who takes one stamps all that comes after it later
 * still, so one region's wrong clock would become every region's, and its writes would win against all others meanwhile.
 */
final class ClockGate {

    private final @Nullable Duration max;
    private final InstantSource clock;
    private final Map<TopicPartition, Long> waiting = new HashMap<>();

    /** @param max how far ahead stamps may be; null for no bound */
    ClockGate(@Nullable Duration max, InstantSource clock) {
        this.max = max;
        this.clock = clock;
    }

    /** False if a record has to wait, and its partition with it. */
    boolean lets(ConsumerRecord<byte[], byte[]> record) {
        Header header = max == null ? null : record.headers().lastHeader(Span.HEADER);
        if (header == null) {
            return true;
        }
        long stamp;
        try {
            stamp = Span.decode(header.value()).hybridMicros();
        } catch (UnreadableRecordException e) {
            return true; // the applier says so
        }
        if (!isTooFarAhead(stamp)) {
            return true;
        }
        waiting.put(new TopicPartition(record.topic(), record.partition()), stamp);
        return false;
    }

    /** Partitions that need not wait any more. */
    Set<TopicPartition> due() {
        Map<TopicPartition, Long> due = new HashMap<>(waiting);
        due.values().removeIf(this::isTooFarAhead);
        waiting.keySet().removeAll(due.keySet());
        return due.keySet();
    }

    /** What waits, and until when; null if nothing does. */
    @Nullable
    String waiting() {
        if (waiting.isEmpty() || max == null) {
            return null;
        }
        var last = waiting.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
        Instant stamp = Instant.EPOCH.plus(last.getValue(), ChronoUnit.MICROS);
        return "what comes next of " + last.getKey().topic() + " is stamped " + stamp.truncatedTo(ChronoUnit.SECONDS)
                + ", which is more than maxClockSkew ("
                + max.toString().substring(2).toLowerCase(Locale.ROOT)
                + ") ahead of the clock here; set the clocks of the regions right. It is taken when the clock here has come so far,"
                + " or with a larger maxClockSkew";
    }

    private boolean isTooFarAhead(long stamp) {
        return max != null && aheadMicros(stamp) > TimeUnit.NANOSECONDS.toMicros(max.toNanos());
    }

    private long aheadMicros(long stamp) {
        return stamp - TimeUnit.MILLISECONDS.toMicros(clock.millis());
    }
}
