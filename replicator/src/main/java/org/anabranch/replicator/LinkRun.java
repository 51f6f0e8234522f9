package org.anabranch.replicator;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.anabranch.schemas.EpochMarker;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.PartReport;
import org.anabranch.schemas.PartState;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.Topics;
import org.anabranch.schemas.UnreadableRecordException;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/** One run of a {@link Link}: from opening its clients to closing them. Used by one thread, but for {@link #stop}. */
final class LinkRun implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);

    /** The own broker not taking a record for so long is shown; the record is then offered again. */
    private static final Duration SEND_WAIT_MAX = Duration.ofSeconds(5);

    /** Heartbeats come several times a second, so a peer from which nothing comes for so long is asked whether it is there. */
    private static final Duration QUIET_MAX = Duration.ofSeconds(3);

    private static final Duration ANSWER_MAX = Duration.ofSeconds(5);

    /** On its way out a link waits so long for what it has sent, so that it repeats less next time. */
    private static final Duration LAST_COMMIT_MAX = Duration.ofSeconds(2);

    private static final long COMMIT_NANOS = Duration.ofMillis(500).toNanos();

    /** What one poll brought, and how much of it is not acknowledged yet. */
    private static final class Polled {
        final Map<TopicPartition, OffsetAndMetadata> next;
        final AtomicInteger awaited;
        final long polledNanos = System.nanoTime();

        Polled(ConsumerRecords<byte[], byte[]> records) {
            next = new HashMap<>(records.nextOffsets());
            awaited = new AtomicInteger(records.count());
        }
    }

    private final LinkSettings settings;
    private final PartReport report;
    private final ClockGate gate;
    private final Map<String, Long> untilMicros;
    private final RecordCodec markers = new RecordCodec(); // for the producer's thread
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Deque<Polled> inFlight = new ArrayDeque<>();
    private final Map<TopicPartition, OffsetAndMetadata> toCommit = new HashMap<>();
    private final Set<TopicPartition> changes = new HashSet<>();
    private volatile String refusedWhere = "";
    private volatile @Nullable Exception refused;
    private volatile boolean stopping;
    private long committedNanos = System.nanoTime();
    private boolean waiting;

    /** @param untilMicros is told by origin what the own cluster has acknowledged */
    LinkRun(LinkSettings settings, InstantSource clock, PartReport report, Map<String, Long> untilMicros) {
        this.untilMicros = untilMicros;
        this.settings = settings;
        this.report = report;
        gate = new ClockGate(settings.maxClockSkew(), clock);
        Map<String, Object> from = KafkaSettings.consumer(settings.from(), settings.groupId());
        from.put(ConsumerConfig.GROUP_ID_CONFIG, settings.groupId());
        from.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) ANSWER_MAX.toMillis());
        consumer = new BoundedConsumer(from);
        Map<String, Object> to = KafkaSettings.producer(settings.to(), settings.groupId());
        to.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, SEND_WAIT_MAX.toMillis());
        try {
            producer = new KafkaProducer<>(to);
        } catch (KafkaException e) {
            consumer.close();
            throw e;
        }
    }

    void stop() {
        stopping = true;
        consumer.wakeup();
    }

    void copy() throws Exception {
        try {
            begin();
            running();
            long heardNanos = System.nanoTime();
            while (!stopping) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
                if (!records.isEmpty()) {
                    send(records);
                    heardNanos = System.nanoTime();
                } else if (System.nanoTime() - heardNanos > QUIET_MAX.toNanos()) {
                    askPeer();
                    heardNanos = System.nanoTime();
                }
                acknowledged();
                consumer.resume(gate.due());
                showWhatHoldsUp(heardNanos);
            }
        } catch (WakeupException e) {
            // told to stop
        } catch (OffsetOutOfRangeException e) {
            throw outOfRange(e);
        }
        commitWhatIsAcknowledged();
    }

    private void running() {
        waiting = false;
        report.state(PartState.RUNNING, "copying from " + settings.peer());
    }

    private void waiting(String what) {
        waiting = true;
        report.state(PartState.WAITING, what);
    }

    private void showWhatHoldsUp(long heardNanos) throws IOException {
        failIfRefused();
        Polled oldest = inFlight.peek();
        String ahead = gate.waiting();
        if (ahead != null) {
            waiting(ahead);
        } else if (oldest != null && System.nanoTime() - oldest.polledNanos > SEND_WAIT_MAX.toNanos()) {
            waiting("the own Kafka at " + KafkaSettings.place(settings.to()) + " acknowledges nothing");
        } else if (waiting && oldest == null && System.nanoTime() - heardNanos < QUIET_MAX.toNanos()) {
            running();
        }
    }

    private void commitWhatIsAcknowledged() {
        try {
            producer.close(LAST_COMMIT_MAX);
            acknowledged();
            try {
                consumer.commitSync(Map.copyOf(toCommit), LAST_COMMIT_MAX);
            } catch (WakeupException e) {
                consumer.commitSync(Map.copyOf(toCommit), LAST_COMMIT_MAX); // the call to stop came through only here
            }
        } catch (KafkaException e) {
            // what is not committed is copied again
        }
    }

    private void begin() throws IOException, PartFailedException {
        List<TopicPartition> all = new ArrayList<>();
        try {
            for (String origin : settings.origins()) {
                List<TopicPartition> ofOrigin = partitions(Topics.changes(origin), settings.partitions());
                changes.addAll(ofOrigin);
                all.addAll(ofOrigin);
                all.addAll(partitions(Topics.schemas(origin), 1));
            }
            for (String region : settings.statuses()) {
                all.addAll(partitions(Topics.status(region), 1));
            }
            consumer.assign(all);
            seek(all);
        } catch (TimeoutException e) {
            throw new IOException(
                    "Kafka of " + settings.peer() + " at " + KafkaSettings.place(settings.from()) + " does not answer",
                    e);
        }
    }

    private List<TopicPartition> partitions(String topic, int expected) throws IOException, PartFailedException {
        var found = consumer.partitionsFor(topic);
        if (found == null || found.isEmpty()) {
            throw new IOException("topic " + topic + " is not in the cluster of " + settings.peer()
                    + " yet; the node of " + settings.peer() + " creates it");
        }
        if (found.size() != expected) {
            throw new PartFailedException("topic " + topic + " has " + found.size() + " partitions in the cluster of "
                    + settings.peer() + " and the configuration says " + expected
                    + "; write partitions: " + found.size() + ", the same for all regions");
        }
        return found.stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
    }

    /** Everything goes on where the own cluster has all that is before; of compacted topics a beginning that is gone is no gap. */
    private void seek(List<TopicPartition> all) throws IOException, PartFailedException {
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(all);
        Map<TopicPartition, Long> ends = consumer.endOffsets(all);
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(new HashSet<>(all));
        Map<TopicPartition, Long> copies = OwnTopics.ends(settings.to(), all);
        for (TopicPartition partition : all) {
            long beginning = beginnings.getOrDefault(partition, 0L);
            long end = ends.getOrDefault(partition, 0L);
            long copied = copies.getOrDefault(partition, 0L);
            OffsetAndMetadata stored = committed.get(partition);
            long next = stored == null ? 0 : stored.offset();
            if (changes.contains(partition)) {
                refuseGap(partition, next, beginning, end);
                refuseLostCopies(partition, next, copied);
                consumer.seek(partition, next);
            } else {
                boolean goesOn = next >= beginning && next <= end && copied > 0;
                consumer.seek(partition, goesOn ? next : beginning);
            }
        }
    }

    /** Every record that was copied got an offset in the own cluster too, so there are at least as many. */
    private void refuseLostCopies(TopicPartition partition, long next, long copied) throws PartFailedException {
        if (copied < next) {
            throw new PartFailedException(partition.topic() + " partition " + partition.partition()
                    + " in the own cluster at " + KafkaSettings.place(settings.to()) + " ends at offset " + copied
                    + ", and the link has copied " + next + " records there: it was made anew or truncated, offsets "
                    + copied + " to " + next + " are missing, and the tables have to be copied again");
        }
    }

    private void refuseGap(TopicPartition partition, long next, long beginning, long end) throws PartFailedException {
        if (next < beginning) {
            throw new PartFailedException(partition.topic() + " partition " + partition.partition()
                    + " in the cluster of "
                    + settings.peer() + " begins at offset " + beginning + ", and the link needs it from " + next
                    + ": the changes between are gone, and the tables have to be copied again");
        }
        if (next > end) {
            throw new PartFailedException(
                    partition.topic() + " partition " + partition.partition() + " in the cluster of "
                            + settings.peer() + " ends at offset " + end + ", and the link has copied it up to " + next
                            + ": the topic was made anew or truncated, and the tables have to be copied again");
        }
    }

    private PartFailedException outOfRange(OffsetOutOfRangeException e) {
        return new PartFailedException("the cluster of " + settings.peer() + " no longer has what comes next ("
                + e.offsetOutOfRangePartitions() + "): the tables have to be copied again");
    }

    private void send(ConsumerRecords<byte[], byte[]> records) throws IOException, InterruptedException {
        Polled polled = new Polled(records);
        inFlight.add(polled);
        for (TopicPartition partition : records.partitions()) {
            List<ConsumerRecord<byte[], byte[]>> ofPartition = records.records(partition);
            for (int i = 0; i < ofPartition.size(); i++) {
                if (!gate.lets(ofPartition.get(i))) {
                    hold(partition, ofPartition.subList(i, ofPartition.size()), polled);
                    break;
                }
                send(ofPartition.get(i), polled);
                if (stopping) {
                    return;
                }
            }
        }
    }

    /** These are read again when the partition goes on. */
    private void hold(TopicPartition partition, List<ConsumerRecord<byte[], byte[]>> records, Polled polled) {
        long offset = records.getFirst().offset();
        consumer.pause(List.of(partition));
        consumer.seek(partition, offset);
        polled.next.put(partition, new OffsetAndMetadata(offset));
        polled.awaited.addAndGet(-records.size());
    }

    /** Offers a record until the producer takes it: never passes over one. */
    private void send(ConsumerRecord<byte[], byte[]> record, Polled polled) throws IOException {
        ProducerRecord<byte[], byte[]> copy = new ProducerRecord<>(
                record.topic(), record.partition(), record.timestamp(), record.key(), record.value(), record.headers());
        while (!stopping) {
            failIfRefused();
            try {
                var unused = producer.send(copy, (metadata, exception) -> answered(polled, record, exception));
                return;
            } catch (TimeoutException e) {
                waiting("the own Kafka at " + KafkaSettings.place(settings.to()) + " takes no records");
            }
        }
    }

    private void failIfRefused() throws IOException {
        Exception failure = refused;
        if (failure != null) {
            throw new IOException(
                    "the own Kafka at " + KafkaSettings.place(settings.to()) + " refused " + refusedWhere + ": "
                            + failure.getMessage(),
                    failure);
        }
    }

    private void answered(Polled polled, ConsumerRecord<byte[], byte[]> record, @Nullable Exception exception) {
        if (exception == null) {
            polled.awaited.decrementAndGet();
            notice(record);
        } else if (refused == null) {
            refusedWhere = "the copy of " + record.topic() + " partition " + record.partition() + " offset "
                    + record.offset() + " (" + record.serializedValueSize() + " bytes)";
            refused = exception; // the poll stays incomplete, and nothing after it is ever committed
        }
    }

    /** Every partition has all markers: one says how far they have come. */
    private void notice(ConsumerRecord<byte[], byte[]> record) {
        if (record.partition() != 0 || record.value() == null || !RecordCodec.isMarker(record.value())) {
            return;
        }
        try {
            if (markers.decode(record.value()) instanceof EpochMarker marker && marker.untilMicros() > 0) {
                untilMicros.put(marker.origin(), marker.untilMicros());
            }
        } catch (UnreadableRecordException e) {
            // the applier says so
        }
    }

    private void acknowledged() {
        for (Polled polled = inFlight.peek(); polled != null && polled.awaited.get() == 0; polled = inFlight.peek()) {
            toCommit.putAll(polled.next);
            inFlight.remove();
        }
        if (!toCommit.isEmpty() && System.nanoTime() - committedNanos > COMMIT_NANOS) {
            consumer.commitAsync(Map.copyOf(toCommit), null); // one that fails is followed by a newer one
            toCommit.clear();
            committedNanos = System.nanoTime();
        }
    }

    private void askPeer() {
        try {
            consumer.endOffsets(consumer.assignment(), ANSWER_MAX);
            if (waiting && inFlight.isEmpty() && gate.waiting() == null) {
                running();
            }
        } catch (TimeoutException e) {
            waiting("Kafka of " + settings.peer() + " at " + KafkaSettings.place(settings.from()) + " does not answer");
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
