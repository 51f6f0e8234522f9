package org.anabranch.node.region;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.anabranch.node.config.Region;
import org.anabranch.schemas.Json;
import org.anabranch.schemas.RegionStatus;
import org.anabranch.schemas.Topics;
import org.anabranch.schemas.UnreadableRecordException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads what a region last said of itself. */
public final class StatusReader {

    private static final Duration POLL = Duration.ofMillis(100);

    private StatusReader() {}

    /**
     * The region's newest status, empty if it never published one. Blocks for at most the timeout.
     *
     * @throws TimeoutException if its Kafka does not answer
     */
    public static Optional<RegionStatus> read(Region region, Duration timeout)
            throws TimeoutException, UnreadableRecordException {
        return read(region.name(), KafkaProperties.of(region), timeout);
    }

    static Optional<RegionStatus> read(String region, Map<String, Object> kafka, Duration timeout)
            throws TimeoutException, UnreadableRecordException {
        Map<String, Object> properties = new HashMap<>(kafka);
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) timeout.toMillis());
        properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) timeout.toMillis());
        TopicPartition partition = new TopicPartition(Topics.status(region), 0);
        try (Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            long end =
                    consumer.endOffsets(List.of(partition)).values().iterator().next();
            consumer.seek(partition, Math.max(0, end - 1));
            long deadline = System.nanoTime() + timeout.toNanos();
            while (end > 0 && System.nanoTime() < deadline) {
                List<ConsumerRecord<byte[], byte[]>> records =
                        consumer.poll(POLL).records(partition);
                if (!records.isEmpty()) {
                    return Optional.of(Json.read(records.getLast().value(), RegionStatus.class));
                }
            }
            return Optional.empty();
        } catch (org.apache.kafka.common.errors.TimeoutException e) {
            TimeoutException timedOut = new TimeoutException("Kafka does not answer");
            timedOut.initCause(e);
            throw timedOut;
        }
    }
}
