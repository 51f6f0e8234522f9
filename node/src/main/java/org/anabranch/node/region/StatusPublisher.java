package org.anabranch.node.region;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.anabranch.schemas.Json;
import org.anabranch.schemas.RegionStatus;
import org.anabranch.schemas.Topics;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a region's status to its topic every second. One that cannot be sent is dropped: the next one is newer. */
final class StatusPublisher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StatusPublisher.class);

    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final int SEND_MILLIS_MAX = 5_000;

    /** Several times what one can take whose cluster is away. */
    private static final Duration ALIVE_MAX = Duration.ofSeconds(60);

    private final String topic;
    private final byte[] key;
    private final Supplier<RegionStatus> status;
    private final Producer<byte[], byte[]> producer;
    private final ScheduledExecutorService timer;
    private volatile long madeNanos = System.nanoTime();

    StatusPublisher(String region, Map<String, Object> kafka, Supplier<RegionStatus> status) {
        this.topic = Topics.status(region);
        this.key = region.getBytes(StandardCharsets.UTF_8);
        this.status = status;
        Map<String, Object> properties = new HashMap<>(kafka);
        properties.put(ProducerConfig.CLIENT_ID_CONFIG, "anabranch-status-" + region);
        properties.put(ProducerConfig.ACKS_CONFIG, "1");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, SEND_MILLIS_MAX / 2);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, SEND_MILLIS_MAX);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (long) SEND_MILLIS_MAX);
        producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        timer = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform()
                .name("anabranch " + region + " status")
                .daemon()
                .factory());
    }

    void start() {
        var unused = timer.scheduleWithFixedDelay(this::publish, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Whether statuses are made, sent or not. */
    boolean isAlive() {
        return System.nanoTime() - madeNanos < ALIVE_MAX.toNanos();
    }

    private void publish() {
        madeNanos = System.nanoTime();
        try {
            byte[] value = Json.write(status.get());
            var unused = producer.send(new ProducerRecord<>(topic, 0, key, value));
        } catch (KafkaException e) {
            LOG.debug("Status was not sent topic={}", topic, e);
        } catch (RuntimeException e) {
            LOG.warn("Status was not sent topic={} error={}", topic, e.toString(), e);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        producer.close(Duration.ofSeconds(1));
    }
}
