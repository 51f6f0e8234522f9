package org.anabranch.capture;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.anabranch.schemas.BundleWriter;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.EpochMarker;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.Span;
import org.anabranch.schemas.Topics;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Writes an origin's changes and markers to its topic and knows what Kafka has acknowledged. A broker that is away never
 * makes a gap: the producer waits for it, and the sender with it once the buffer is full. Used by one thread, but for
 * {@link #close}.
 */
final class ChangeProducer implements AutoCloseable {

    /** Also the topic's: rows of 10 MB travel as text, bytea at twice its size. */
    static final int RECORD_BYTES_MAX = 64 * 1024 * 1024;

    private static final long BUFFER_BYTES_MAX = 96L * 1024 * 1024;
    private static final int BATCH_BYTES = 256 * 1024;

    /** A bundle is sent with the change that reaches this size, if no marker has sent it before. */
    private static final int BUNDLE_BYTES = 128 * 1024;

    private final String origin;
    private final String topic;
    private final int partitions;
    private final Producer<byte[], byte[]> producer;
    private final RecordCodec codec = new RecordCodec();
    private final List<BundleWriter> bundles;

    /** By partition: up to where its records and the bundle that is open there hold everything. */
    private final End[] written;

    private final End[] bundled;
    private final Deque<Epoch> closed = new ArrayDeque<>();
    private Epoch open = new Epoch();
    private volatile @Nullable Exception failure;

    /** Where in the origin's history something ends: hybrid time, and number within the transaction. */
    private record End(long hybridMicros, int number) {}

    /** @param start up to where every partition holds everything already */
    ChangeProducer(CaptureSettings settings, Position start) {
        origin = settings.region();
        topic = Topics.changes(settings.region());
        partitions = settings.partitions();
        bundles = Stream.generate(BundleWriter::new).limit(partitions).toList();
        written = new End[partitions];
        Arrays.fill(written, new End(start.hybridMicros(), EpochMarker.WHOLE));
        bundled = written.clone();
        producer = new KafkaProducer<>(properties(settings), new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static Map<String, Object> properties(CaptureSettings settings) {
        Map<String, Object> properties = new HashMap<>(settings.kafka());
        properties.put(ProducerConfig.CLIENT_ID_CONFIG, "anabranch-capture-" + settings.region());
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
        properties.put(ProducerConfig.COMPRESSION_ZSTD_LEVEL_CONFIG, 1);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 1);
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES_MAX);
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, RECORD_BYTES_MAX);
        // A record that the producer gave up would be a gap in the stream: it tries until it is closed.
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.MAX_VALUE);
        return properties;
    }

    /**
     * A row's change, to the partition of its key. It leaves with the next marker at the latest.
     *
     * @throws PartFailedException if Kafka has refused an earlier record for good
     */
    void send(byte[] key, Change change) throws PartFailedException {
        add(Utils.toPositive(Utils.murmur2(key)) % partitions, key, change);
    }

    /** To every partition: what concerns a whole table. */
    void sendToAll(byte[] key, Change change) throws PartFailedException {
        for (int partition = 0; partition < partitions; partition++) {
            add(partition, key, change);
        }
    }

    /** To every partition, after all that was sent before it. */
    void sendToAll(EpochMarker marker) throws PartFailedException {
        byte[] encoded = codec.encode(marker);
        for (int partition = 0; partition < partitions; partition++) {
            flush(partition);
            send(partition, encoded, new End(marker.hybridMicros(), marker.number()));
        }
    }

    private void add(int partition, byte[] key, Change change) throws PartFailedException {
        BundleWriter bundle = bundles.get(partition);
        bundle.add(key, change);
        bundled[partition] = new End(change.hybridMicros(), change.number());
        if (bundle.sizeBytes() >= BUNDLE_BYTES) {
            flush(partition);
        }
    }

    private void flush(int partition) throws PartFailedException {
        BundleWriter bundle = bundles.get(partition);
        if (!bundle.isEmpty()) {
            send(partition, bundle.take(), bundled[partition]);
        }
    }

    private void send(int partition, byte[] value, End end) throws PartFailedException {
        throwFailure();
        Epoch epoch = open;
        epoch.sent();
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, partition, null, value);
        End after = written[partition];
        Span span = new Span(origin, after.hybridMicros(), after.number(), end.hybridMicros(), end.number());
        record.headers().add(Span.HEADER, span.encode());
        written[partition] = end;
        var unused = producer.send(record, (metadata, exception) -> answered(epoch, exception));
    }

    /** By the producer's thread. After a failure the epoch stays incomplete, and nothing after it is ever confirmed. */
    private void answered(Epoch epoch, @Nullable Exception exception) {
        if (exception == null) {
            epoch.acknowledged();
        } else if (failure == null) {
            failure = exception;
        }
    }

    private void throwFailure() throws PartFailedException {
        Exception exception = failure;
        if (exception instanceof RecordTooLargeException) {
            throw new PartFailedException(
                    "a row does not fit into a record of " + RECORD_BYTES_MAX + " bytes of " + topic + ": "
                            + exception.getMessage()
                            + "; make the value smaller in the database, or leave its table out",
                    exception);
        }
        if (exception != null) {
            throw new IllegalStateException(
                    "Kafka refused a record of " + topic + ": " + exception.getMessage(), exception);
        }
    }

    /** Has an action run, by the thread that calls {@link #acknowledged}, when all that was sent so far is safe. */
    void whenAcknowledged(Runnable action) {
        open.whenAcknowledged(action);
    }

    /**
     * Closes the epoch: a marker to every partition.
     *
     * @param end where it ends
     */
    void closeEpoch(EpochMarker marker, Position end) throws PartFailedException {
        sendToAll(marker);
        open.close(end);
        closed.add(open);
        open = new Epoch();
    }

    /** The newest position up to which everything is acknowledged, if it moved since the last call. */
    Optional<Position> acknowledged() throws PartFailedException {
        throwFailure();
        Position newest = null;
        for (Epoch epoch = closed.peek(); epoch != null && epoch.isComplete(); epoch = closed.peek()) {
            newest = epoch.end();
            epoch.actions().forEach(Runnable::run);
            closed.remove();
        }
        return Optional.ofNullable(newest);
    }

    /** Ends sends that wait for a broker. What was not acknowledged is sent again by the next capture. */
    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
