package org.anabranch.replicator;

import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.anabranch.schemas.Topics;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the region's quarantine topic of every change that was put aside, at least once: what is to be told stands in {@code
 * anabranch.quarantine_outbox} from the transaction that put the change aside until Kafka has acknowledged it. While Kafka is
 * away it stays there; a look at it never takes longer than {@link #WAIT_MAX}, twice.
 */
final class QuarantineTopic implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(QuarantineTopic.class);

    private static final Duration WAIT_MAX = Duration.ofSeconds(2);
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 10_000;
    private static final int RECORDS_AT_ONCE = 100;
    private static final int ROWS_FETCHED = 10;
    private static final long BYTES_AT_ONCE = 16L << 20;

    private static final String SELECT = "SELECT id, key, change, error, origin, table_name FROM"
            + " anabranch.quarantine_outbox ORDER BY id LIMIT " + RECORDS_AT_ONCE;

    private final String topic;
    private final Map<String, Object> settings;
    private final Quarantine quarantine;
    private final InstantSource clock;
    private @Nullable Producer<byte[], byte[]> producer;
    private long nextAtMillis;

    private record Waiting(long id, ProducerRecord<byte[], byte[]> told) {}

    QuarantineTopic(String region, Map<String, Object> kafka, Quarantine quarantine, InstantSource clock) {
        this.quarantine = quarantine;
        this.clock = clock;
        topic = Topics.quarantine(region);
        settings = KafkaSettings.producer(kafka, "anabranch-" + region + "-quarantine");
        int waitMillis = Math.toIntExact(WAIT_MAX.toMillis());
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, waitMillis);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, waitMillis / 2);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, waitMillis);
    }

    boolean isDue() {
        return quarantine.mayHaveUnpublished() && clock.millis() >= nextAtMillis;
    }

    /** In a transaction of its own. */
    void publish(Connection connection) throws SQLException, InterruptedException {
        List<Waiting> waiting = waiting(connection);
        if (waiting.isEmpty()) {
            quarantine.allPublished();
            connection.rollback();
            return;
        }
        try {
            delete(connection, acknowledged(waiting));
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            if (!Faults.isContention(e)) {
                throw e;
            }
        }
    }

    private List<Waiting> waiting(Connection connection) throws SQLException {
        List<Waiting> waiting = new ArrayList<>();
        long bytes = 0;
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(ROWS_FETCHED);
            try (ResultSet rows = statement.executeQuery(SELECT)) {
                while (bytes < BYTES_AT_ONCE && rows.next()) {
                    ProducerRecord<byte[], byte[]> told =
                            new ProducerRecord<>(topic, rows.getBytes("key"), rows.getBytes("change"));
                    header(told, "error", rows.getString("error"));
                    header(told, "origin", rows.getString("origin"));
                    header(told, "table", rows.getString("table_name"));
                    waiting.add(new Waiting(rows.getLong("id"), told));
                    bytes += told.value().length;
                }
            }
        }
        return waiting;
    }

    private static void header(ProducerRecord<byte[], byte[]> told, String name, String value) {
        told.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    /** Those that Kafka has, and those that it will never take. */
    private List<Long> acknowledged(List<Waiting> waiting) throws InterruptedException {
        List<Long> done = new ArrayList<>();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try {
            for (Waiting one : waiting) {
                sent.add(producer().send(one.told()));
            }
            long until = System.nanoTime() + WAIT_MAX.toNanos();
            for (int i = 0; i < sent.size(); i++) {
                if (isAcknowledged(sent.get(i), until - System.nanoTime())) {
                    done.add(waiting.get(i).id());
                }
            }
        } catch (KafkaException e) {
            later(e);
        }
        return done;
    }

    private boolean isAcknowledged(Future<RecordMetadata> sent, long nanos) throws InterruptedException {
        try {
            sent.get(Math.max(nanos, 0), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecordTooLargeException) {
                LOG.warn("A change in quarantine is too large for topic={}; it stands in anabranch.quarantine", topic);
                return true;
            }
            later(e);
        } catch (TimeoutException e) {
            later(e);
        }
        return false;
    }

    private void later(Exception why) {
        nextAtMillis = clock.millis() + PAUSE_AFTER_FAILURE_MILLIS;
        LOG.debug("Changes in quarantine are not told of yet topic={}", topic, why);
    }

    private Producer<byte[], byte[]> producer() {
        if (producer == null) {
            producer = new KafkaProducer<>(settings);
        }
        return producer;
    }

    private static void delete(Connection connection, List<Long> ids) throws SQLException {
        if (ids.isEmpty()) {
            return;
        }
        Array array = connection.createArrayOf("bigint", ids.toArray());
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM anabranch.quarantine_outbox WHERE id = ANY (?)")) {
            statement.setArray(1, array);
            statement.executeUpdate();
        }
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close(Duration.ZERO);
        }
    }
}
