package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import javax.management.ObjectName;
import org.anabranch.capture.CaptureSettings;
import org.anabranch.capture.DatabaseSettings;
import org.anabranch.capture.TablePattern;
import org.anabranch.conflict.Stamp;
import org.anabranch.sandbox.KafkaBroker;
import org.anabranch.sandbox.PostgresServer;
import org.anabranch.schemas.Bundle;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.EpochMarker;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.Span;
import org.anabranch.schemas.StreamRecord;
import org.anabranch.schemas.Topics;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** Capture alone: a real PostgreSQL on one side, a real broker on the other. */
class CaptureIT {

    private static final int PARTITIONS = 3;

    private final PostgresServer postgres = SharedCluster.get().region("us").postgres();
    private final KafkaBroker kafka = SharedCluster.get().region("us").kafka();

    @Test
    void whatStandsInATableAndWhatIsChangedLaterComesInOrderAndOnce() throws Exception {
        CaptureSettings settings = settings("capture_one");
        execute("capture_one", "CREATE TABLE t (id int PRIMARY KEY, name text, at timestamptz DEFAULT now())");
        execute("capture_one", "INSERT INTO t SELECT i, 'row ' || i FROM generate_series(1, 25000) i");

        try (Running capture = Running.start(settings)) {
            capture.awaitCopied();
            execute("capture_one", "INSERT INTO t VALUES (-1, NULL, NULL)");
            execute("capture_one", "UPDATE t SET name = 'changed' WHERE id = 5");
            execute("capture_one", "UPDATE t SET id = -2 WHERE id = 6");
            execute("capture_one", "DELETE FROM t WHERE id = 7");
            execute("capture_one", "TRUNCATE t");

            List<Change> changes = changes(settings, 25_000 + 1 + 1 + 2 + 1 + 1);

            assertThat(changes.stream().filter(c -> c.operation() == Operation.COPY))
                    .hasSize(25_000);
            List<Change> streamed = changes.stream()
                    .filter(c -> c.operation() != Operation.COPY)
                    .sorted(byStamp())
                    .toList();
            assertThat(streamed.stream().map(Change::operation))
                    .startsWith(
                            Operation.INSERT,
                            Operation.UPDATE,
                            Operation.UPDATE,
                            Operation.DELETE,
                            Operation.DELETE,
                            Operation.TRUNCATE);
            assertThat(streamed.get(0).after()).isEqualTo(Row.of("-1", null, null));
            assertThat(streamed.get(2).before()).isEqualTo(Row.of("6", Row.UNCHANGED, Row.UNCHANGED));
        }
    }

    /** Where this fails, Debezium has changed, and capture is slower than it need be: see EventSummaries. */
    @Test
    void debeziumIsSparedToWriteEventsOutForItsMetrics() throws Exception {
        CaptureSettings settings = settings("capture_quiet");
        execute("capture_quiet", "CREATE TABLE t (id int PRIMARY KEY)");
        try (Running capture = Running.start(settings)) {
            capture.awaitCopied();
            execute("capture_quiet", "INSERT INTO t VALUES (1)");
            changes(settings, 1);

            Object lastEvent = ManagementFactory.getPlatformMBeanServer()
                    .getAttribute(
                            new ObjectName("debezium.postgres:type=connector-metrics,context=streaming,server="
                                    + settings.region()),
                            "LastEvent");

            assertThat(lastEvent).isNull();
        }
    }

    @Test
    void whatIsCapturedAgainGetsTheSameStamp() throws Exception {
        CaptureSettings settings = settings("capture_two");
        execute("capture_two", "CREATE TABLE t (id int PRIMARY KEY, name text)");
        for (int round = 0; round < 5; round++) {
            try (Running capture = Running.start(settings)) {
                capture.awaitCopied();
                int from = round * 1000;
                for (int i = 0; i < 20; i++) {
                    execute(
                            "capture_two",
                            "INSERT INTO t SELECT i, 'x' FROM generate_series(" + (from + i * 10) + ","
                                    + (from + i * 10 + 9) + ") i");
                }
            }
        }
        try (Running capture = Running.start(settings)) {
            capture.awaitCopied();
            List<Change> changes = changes(settings, 1000);
            // one stamp for one row, however often it was sent
            assertThat(changes.stream()
                            .map(c -> Objects.requireNonNull(c.after()).text(0))
                            .distinct())
                    .hasSize(1000);
            assertThat(changes.stream().map(Change::stamp).distinct()).hasSize(1000);
        }
    }

    @Test
    void aCaptureThatWakesUpWhenAnotherHasTakenItsPlaceCannotTakeThePositionBack() throws Exception {
        CaptureSettings settings = settings("capture_three");
        execute("capture_three", "CREATE TABLE t (id int PRIMARY KEY)");
        try (Running capture = Running.start(settings)) {
            capture.awaitCopied();
            execute("capture_three", "INSERT INTO t VALUES (1)");
            changes(settings, 1);
        }
        storePosition(settings, "position:that-of-the-late-one", "{\"walPosition\": 1, \"hybridMicros\": 1}");

        try (Running capture = Running.start(settings)) {
            capture.awaitCopied();
            execute("capture_three", "INSERT INTO t VALUES (2)");
            changes(settings, 2);
        }
    }

    @Test
    void aFirstCopyThatIsEndedGoesOnWhereItWas() throws Exception {
        int rows = 100_000;
        CaptureSettings settings = settings("capture_five");
        execute("capture_five", "CREATE TABLE t (id int PRIMARY KEY, name text)");
        execute("capture_five", "INSERT INTO t SELECT i, 'row ' || i FROM generate_series(1, " + rows + ") i");
        try (Running capture = Running.start(settings)) {
            await().atMost(Tables.PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> capture.copiedRows() >= 20_000);
            assertThat(capture.copiedRows()).isLessThan(rows);
        }

        try (Running capture = Running.start(settings)) {
            capture.awaitCopied();
            List<Integer> copied = changes(settings, rows).stream()
                    .map(change -> Integer.valueOf(
                            Objects.requireNonNull(change.after()).text(0)))
                    .toList();

            assertThat(copied.stream().distinct()).hasSize(rows);
            // The last chunk's place may not have been written down; what came before it is not read again.
            assertThat(copied.stream().filter(id -> id <= 10_000)).hasSize(10_000);
        }
    }

    @Test
    void theSlotNeverMovesPastWhatKafkaHasAcknowledged() throws Exception {
        CaptureSettings settings = settings("capture_four");
        execute("capture_four", "CREATE TABLE t (id int PRIMARY KEY)");
        try (Running capture = Running.start(settings)) {
            capture.awaitCopied();
            kafka.pause();
            try {
                execute("capture_four", "INSERT INTO t VALUES (1)");
                String written = value("capture_four", "SELECT pg_current_wal_lsn()");
                await().during(Duration.ofSeconds(2))
                        .atMost(Tables.PATIENCE)
                        .until(() -> !isConfirmed("capture_four", settings.slotName(), written));
            } finally {
                kafka.resume();
            }
            changes(settings, 1);
            String written = value("capture_four", "SELECT pg_current_wal_lsn()");
            await().atMost(Tables.PATIENCE).until(() -> isConfirmed("capture_four", settings.slotName(), written));
        }
    }

    private boolean isConfirmed(String database, String slot, String position) throws SQLException {
        return value(
                        database,
                        "SELECT confirmed_flush_lsn >= '" + position + "' FROM pg_replication_slots WHERE slot_name = '"
                                + slot + "'")
                .equals("t");
    }

    private String value(String database, String query) throws SQLException {
        try (Connection connection = postgres.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    private void storePosition(CaptureSettings settings, String key, String position) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrap()), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(Topics.positions(settings.region()), key, position))
                    .get();
        }
    }

    private static java.util.Comparator<Change> byStamp() {
        return java.util.Comparator.comparing(Change::stamp);
    }

    private CaptureSettings settings(String database) throws Exception {
        postgres.execute("CREATE DATABASE " + database);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()))) {
            admin.createTopics(List.of(
                            new NewTopic(Topics.changes(database), PARTITIONS, (short) 1),
                            new NewTopic(Topics.schemas(database), 1, (short) 1)
                                    .configs(Map.of("cleanup.policy", "compact")),
                            new NewTopic(Topics.positions(database), 1, (short) 1)
                                    .configs(Map.of("cleanup.policy", "compact"))))
                    .all()
                    .get();
        }
        return new CaptureSettings(
                database,
                database,
                new DatabaseSettings(
                        postgres.jdbcUrl(database), PostgresServer.SUPERUSER, PostgresServer.SUPERUSER_PASSWORD),
                Map.of("bootstrap.servers", kafka.bootstrap()),
                PARTITIONS,
                List.of(new TablePattern("public.*", table -> table.schema().equals("public"))),
                Duration.ofMillis(500),
                table -> false);
    }

    private void execute(String database, String sql) throws SQLException {
        try (Connection connection = postgres.connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** All changes so far, repeats included, at least so many different ones, in the order of their partitions, checked to grow within each. */
    private List<Change> changes(CaptureSettings settings, int atLeast) throws Exception {
        List<Change> changes = new ArrayList<>();
        RecordCodec codec = new RecordCodec();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrap()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = IntStream.range(0, PARTITIONS)
                    .mapToObj(p -> new TopicPartition(Topics.changes(settings.region()), p))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<Integer, Stamp> ends = new HashMap<>();
            await().atMost(Tables.PATIENCE).until(() -> {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    follow(record, ends);
                    StreamRecord decoded = codec.decode(record.value());
                    if (decoded instanceof Bundle bundle) {
                        bundle.changes().forEach(keyed -> changes.add(keyed.change()));
                    } else {
                        assertThat(((EpochMarker) decoded).origin()).isEqualTo(settings.region());
                    }
                }
                return changes.stream().map(Change::stamp).distinct().count() >= atLeast;
            });
        }
        return changes;
    }

    /** Each record begins where what stands before it in its partition ends, or before that: nothing is missing. */
    private static void follow(ConsumerRecord<byte[], byte[]> record, Map<Integer, Stamp> ends) throws Exception {
        Span span = Span.decode(record.headers().lastHeader(Span.HEADER).value());
        Stamp none = new Stamp(0, EpochMarker.WHOLE, span.origin());
        Stamp end = new Stamp(span.hybridMicros(), span.number(), span.origin());
        assertThat(new Stamp(span.afterHybridMicros(), span.afterNumber(), span.origin()))
                .isLessThanOrEqualTo(ends.getOrDefault(record.partition(), none));
        ends.merge(record.partition(), end, (a, b) -> a.compareTo(b) > 0 ? a : b);
    }
}
