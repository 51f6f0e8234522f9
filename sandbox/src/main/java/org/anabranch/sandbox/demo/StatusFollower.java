package org.anabranch.sandbox.demo;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.region.KafkaProperties;
import org.anabranch.node.region.RegionView;
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
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows what a region says of itself, on a thread of its own. When its Kafka is away, it comes back by itself. */
final class StatusFollower implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StatusFollower.class);

    private static final Duration POLL = Duration.ofMillis(500);
    private static final int ANSWER_MILLIS_MAX = 3_000;

    /** The topic comes some seconds after the broker: asking all the time would only take the processor from those who make it. */
    private static final int ASK_AGAIN_MILLIS = 500;

    private static final long END_MILLIS_MAX = 2_000;

    private final Pipeline pipeline;
    private final Region region;
    private final InstantSource clock;
    private final Thread thread;
    private volatile boolean ending;
    private volatile @Nullable RegionStatus newest;

    StatusFollower(Pipeline pipeline, Region region, InstantSource clock) {
        this.pipeline = pipeline;
        this.region = region;
        this.clock = clock;
        this.thread = Thread.ofPlatform()
                .name("demo status of " + region.name())
                .daemon()
                .unstarted(this::keepFollowing);
    }

    void start() {
        thread.start();
    }

    /** As it last said, against the clock as it is now. */
    RegionView view() {
        return RegionView.of(pipeline, region, Optional.ofNullable(newest), "starting", clock);
    }

    private void keepFollowing() {
        while (!ending) {
            try (Consumer<byte[], byte[]> consumer = consumer()) {
                follow(consumer);
            } catch (InterruptException e) {
                LOG.atDebug().addKeyValue("region", region.name()).log("no longer followed");
            } catch (KafkaException e) {
                LOG.atDebug()
                        .addKeyValue("region", region.name())
                        .setCause(e)
                        .log("its status cannot be read at the moment");
            }
        }
    }

    private void follow(Consumer<byte[], byte[]> consumer) {
        TopicPartition partition = new TopicPartition(Topics.status(region.name()), 0);
        consumer.assign(List.of(partition));
        long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        consumer.seek(partition, Math.max(0, end - 1));
        while (!ending) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                try {
                    newest = Json.read(record.value(), RegionStatus.class);
                } catch (UnreadableRecordException e) {
                    LOG.atWarn()
                            .addKeyValue("region", region.name())
                            .setCause(e)
                            .log("a status cannot be read");
                }
            }
        }
    }

    private Consumer<byte[], byte[]> consumer() {
        Map<String, Object> properties = new HashMap<>(KafkaProperties.of(region));
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "anabranch-demo-" + region.name());
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS_MAX);
        properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS_MAX);
        properties.put(ConsumerConfig.RETRY_BACKOFF_MS_CONFIG, ASK_AGAIN_MILLIS);
        properties.put(ConsumerConfig.RETRY_BACKOFF_MAX_MS_CONFIG, ASK_AGAIN_MILLIS);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public void close() {
        ending = true;
        thread.interrupt();
        try {
            thread.join(END_MILLIS_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
