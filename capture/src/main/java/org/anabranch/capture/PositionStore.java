package org.anabranch.capture;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.anabranch.schemas.Json;
import org.anabranch.schemas.Seen;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.Topics;
import org.anabranch.schemas.UnreadableRecordException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The positions topic: how far capture has come in the WAL, and in each table's first copy. Compacted, one partition, read
 * whole at the start. What {@link #store} returns from is durable.
 *
 * <p>Each run of capture stores its position under a key of its own, and the furthest one counts: a capture that was paused and
 * wakes up when another has taken its place cannot take the position back.
 */
final class PositionStore implements AutoCloseable {

    private static final String POSITION_KEY_PREFIX = "position:";
    private static final String COPY_KEY_PREFIX = "copy:";
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long WAIT_SECONDS_MAX = 30;

    /** A position holds what was seen of single rows, which Kafka's default has no room for. */
    private static final int RECORD_BYTES_MAX = 16 << 20;

    /** What is stored. */
    private record Document(
            long walPosition, long hybridMicros, @Nullable String seen) {

        static Document of(Position position) {
            Seen seen = position.seen();
            return new Document(
                    position.walPosition(), position.hybridMicros(), seen.equals(Seen.NOTHING) ? null : seen.text());
        }

        Position position() throws UnreadableRecordException {
            return new Position(walPosition, hybridMicros, seen == null ? Seen.NOTHING : Seen.parse(seen));
        }
    }

    private final String positionKey = POSITION_KEY_PREFIX + UUID.randomUUID();
    private final TopicPartition partition;
    private final Map<String, byte[]> stored = new HashMap<>();
    private final Map<String, byte[]> ofEarlierRuns = new HashMap<>();
    private final Producer<byte[], byte[]> producer;

    /** @throws TimeoutException if the broker does not answer in time */
    PositionStore(CaptureSettings settings) throws TimeoutException {
        partition = new TopicPartition(Topics.positions(settings.region()), 0);
        read(settings);
        stored.forEach((key, value) -> {
            if (key.startsWith(POSITION_KEY_PREFIX)) {
                ofEarlierRuns.put(key, value);
            }
        });
        Map<String, Object> properties = new HashMap<>(settings.kafka());
        properties.put(ProducerConfig.CLIENT_ID_CONFIG, "anabranch-positions-" + settings.region());
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, RECORD_BYTES_MAX);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, TimeUnit.SECONDS.toMillis(WAIT_SECONDS_MAX));
        producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private void read(CaptureSettings settings) throws TimeoutException {
        Map<String, Object> properties = new HashMap<>(settings.kafka());
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "anabranch-positions-" + settings.region());
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) TimeUnit.SECONDS.toMillis(WAIT_SECONDS_MAX));
        try (Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end =
                    consumer.endOffsets(List.of(partition)).values().iterator().next();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS_MAX);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    String key = new String(record.key(), StandardCharsets.UTF_8);
                    if (record.value() == null) {
                        stored.remove(key);
                    } else {
                        stored.put(key, record.value());
                    }
                }
                if (System.nanoTime() > deadline) {
                    throw new TimeoutException(partition.topic() + " could not be read in " + WAIT_SECONDS_MAX + " s");
                }
            }
        }
    }

    /** The furthest position that earlier runs have stored; none where capture has never confirmed anything. */
    Optional<Position> position() throws UnreadableRecordException {
        Position furthest = null;
        for (byte[] value : ofEarlierRuns.values()) {
            Position position = Json.read(value, Document.class).position();
            if (furthest == null || position.walPosition() > furthest.walPosition()) {
                furthest = position;
            }
        }
        return Optional.ofNullable(furthest);
    }

    /** How far a table's first copy has come; {@link CopyPosition#NOTHING} where it never began. */
    CopyPosition copy(TableName table) throws UnreadableRecordException {
        byte[] value = stored.get(COPY_KEY_PREFIX + table);
        return value == null ? CopyPosition.NOTHING : Json.read(value, CopyPosition.class);
    }

    /** Blocks until it is durable. What earlier runs have stored is removed then. */
    void store(Position position) throws InterruptedException, ExecutionException, TimeoutException {
        send(positionKey, Json.write(Document.of(position))).get(WAIT_SECONDS_MAX, TimeUnit.SECONDS);
        for (String key : ofEarlierRuns.keySet()) {
            var unused = send(key, null);
        }
        ofEarlierRuns.clear();
    }

    /** Does not block: a chunk whose record is lost is copied again. */
    void store(TableName table, CopyPosition copy) {
        var unused = send(COPY_KEY_PREFIX + table, Json.write(copy));
    }

    private Future<RecordMetadata> send(String key, byte @Nullable [] value) {
        return producer.send(new ProducerRecord<>(partition.topic(), 0, key.getBytes(StandardCharsets.UTF_8), value));
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(1));
    }
}
