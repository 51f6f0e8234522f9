package org.anabranch.node.region;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.anabranch.schemas.Json;
import org.anabranch.schemas.RegionStatus;
import org.anabranch.schemas.Topics;
import org.anabranch.schemas.UnreadableRecordException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the other regions last said of themselves, as it has come into the own Kafka through the links: no node calls another. Where
 * nothing comes any more, what was said last stands, and its age says so.
 */
final class StatusBoard implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StatusBoard.class);

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final Duration STOP_MAX = Duration.ofSeconds(3);
    private static final int ANSWER_MILLIS_MAX = 5_000;

    private final String region;
    private final Map<String, Object> kafka;
    private final List<TopicPartition> partitions;
    private final ClockOffsets offsets;
    private final Map<String, RegionStatus> statuses = new ConcurrentHashMap<>();
    private final Thread thread;
    private final Consumer<byte[], byte[]> consumer;
    private volatile boolean stopping;
    private volatile Map<String, Long> aheadMicros = Map.of();

    /** @param others the regions whose statuses come here */
    StatusBoard(String region, List<String> others, Map<String, Object> kafka, InstantSource clock) {
        this.region = region;
        this.kafka = kafka;
        partitions = others.stream()
                .map(other -> new TopicPartition(Topics.status(other), 0))
                .toList();
        offsets = new ClockOffsets(clock, System::nanoTime);
        consumer = consumer();
        thread = Thread.ofPlatform()
                .name("anabranch " + region + " status board")
                .daemon()
                .unstarted(this::follow);
    }

    private Consumer<byte[], byte[]> consumer() {
        Map<String, Object> properties = new HashMap<>(kafka);
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "anabranch-status-board-" + region);
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS_MAX);
        properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS_MAX);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    void start() {
        thread.start();
    }

    private void follow() {
        boolean isAssigned = false;
        try (consumer) {
            while (!stopping) {
                try {
                    isAssigned = isAssigned || assign();
                    consumer.poll(POLL).forEach(this::take);
                } catch (WakeupException e) {
                    return;
                } catch (KafkaException | IllegalStateException e) {
                    LOG.debug("Statuses cannot be read region={} error={}", region, e.toString());
                    isAssigned = false;
                    pause();
                }
            }
        }
    }

    /** From the last one that stands there on: it may be old, and its age is shown. */
    private boolean assign() {
        List<TopicPartition> there = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            if (!consumer.partitionsFor(partition.topic()).isEmpty()) {
                there.add(partition);
            }
        }
        consumer.assign(there);
        consumer.endOffsets(there).forEach((partition, end) -> consumer.seek(partition, Math.max(0, end - 1)));
        if (there.size() < partitions.size()) {
            throw new IllegalStateException("topics are missing yet");
        }
        return true;
    }

    private void take(ConsumerRecord<byte[], byte[]> read) {
        try {
            RegionStatus status = Json.read(read.value(), RegionStatus.class);
            statuses.put(status.region(), status);
            offsets.heard(status.region(), status.writtenAtMicros());
            aheadMicros = Map.copyOf(offsets.aheadMicros());
        } catch (UnreadableRecordException e) {
            LOG.debug("A status cannot be read topic={} offset={}", read.topic(), read.offset(), e);
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            stopping = true;
        }
    }

    /** By region; without those of which nothing was ever heard. Does not block. */
    Map<String, RegionStatus> statuses() {
        return Map.copyOf(statuses);
    }

    /** As {@link ClockOffsets#aheadMicros()}. Does not block. */
    Map<String, Long> aheadMicros() {
        return aheadMicros;
    }

    @Override
    public void close() {
        stopping = true;
        consumer.wakeup();
        try {
            if (!thread.isAlive() || thread.join(STOP_MAX)) {
                return;
            }
            thread.interrupt();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
