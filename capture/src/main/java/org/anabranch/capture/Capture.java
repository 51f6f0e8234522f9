package org.anabranch.capture;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.Part;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.PartReport;
import org.anabranch.schemas.PartState;
import org.anabranch.schemas.RegionStatus.CapturedStatus;
import org.anabranch.schemas.RegionStatus.CopyStatus;
import org.anabranch.schemas.Seen;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.Topics;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a region's changes out of its PostgreSQL and writes them to its Kafka: slot and publication, the first copy, then
 * streaming without a gap. The slot allows one reader, so a second capture for the region waits, and says for whom.
 *
 * <p>Every run begins at the position that the last one stored in Kafka and confirmed to the slot, and gives the same changes
 * the same stamps; what comes twice is dropped by the applier.
 */
public final class Capture implements Part {

    private static final Logger LOG = LoggerFactory.getLogger(Capture.class);

    /** Nothing acknowledged for so long, though heartbeats are written, is shown. */
    private static final Duration QUIET_MAX = Duration.ofSeconds(5);

    /** PostgreSQL not answering for so long ends the run; its connection to the slot may be dead without knowing it. */
    private static final Duration UNANSWERED_MAX = Duration.ofSeconds(60);

    private final CaptureSettings settings;
    private final AtomicReference<@Nullable Session> session = new AtomicReference<>();
    private final CaptureCount count = new CaptureCount();
    private volatile List<CopyStatus> copies = List.of();
    private volatile boolean stopping;

    public Capture(CaptureSettings settings) {
        this.settings = settings;
    }

    @Override
    public String name() {
        return "capture";
    }

    /** How far the first copies of this run have come. */
    public List<CopyStatus> copies() {
        Session running = session.get();
        return running == null ? copies : running.progress.statuses();
    }

    /** How much has been captured, and how far; without a rate. Any thread may ask; does not block. */
    public CapturedStatus captured() {
        return count.status();
    }

    @Override
    public void stop() {
        stopping = true;
        Session running = session.get();
        if (running != null) {
            running.end(null);
        }
    }

    @Override
    public void run(PartReport report) throws Exception {
        if (!TimeZone.getDefault().hasSameRules(TimeZone.getTimeZone("UTC"))) {
            throw new PartFailedException(
                    "the JVM's time zone is " + TimeZone.getDefault().getID()
                            + ", and the PostgreSQL driver would read the WAL in it: start the program with -Duser.timezone=UTC");
        }
        report.state(PartState.STARTING, "preparing " + settings.slotName() + " in " + settings.database());
        List<SourceTable> tables;
        Position start;
        try (Connection connection = Sessions.open(settings.database(), "anabranch capture");
                PositionStore positions = new PositionStore(settings)) {
            tables = prepare(connection);
            start = resume(connection, positions);
        }
        Session running = new Session(tables, start, report);
        session.set(running);
        try {
            if (!stopping) {
                running.run();
            }
        } finally {
            copies = running.progress.statuses();
            session.set(null);
            running.close();
        }
    }

    /** Makes what is missing; refuses, before it touches anything, what {@link SourceCheck} calls an error. */
    private List<SourceTable> prepare(Connection connection) throws SQLException, IOException {
        refuse(new SourceCheck(settings.check()).findings());
        HeartbeatTable.create(connection);
        List<SourceTable> tables =
                SourceCatalog.read(connection, settings.check()::matches).tables();
        if (settings.check().anyContested(tables)) {
            HeartbeatTable.createClock(connection);
        }
        PublicationPlan plan = PublicationPlan.of(connection, settings.check(), tables);
        refuse(plan.findings());
        try (Statement statement = connection.createStatement()) {
            for (String sql : plan.statements()) {
                LOG.info("Publication is brought into line region={} statement={}", settings.region(), sql);
                statement.execute(sql);
            }
        }
        return tables;
    }

    private static void refuse(List<Finding> findings) throws IOException {
        List<Finding> errors = findings.stream()
                .filter(finding -> finding.severity() == Finding.Severity.ERROR
                        || finding.severity() == Finding.Severity.UNREACHABLE)
                .toList();
        if (!errors.isEmpty()) {
            Finding first = errors.getFirst();
            throw new IOException(first.where() + ": " + first.what() + "; " + first.fix()
                    + (errors.size() == 1 ? "" : " (and " + (errors.size() - 1) + " more: run anabranch check)"));
        }
    }

    private Position resume(Connection connection, PositionStore positions) throws Exception {
        ReplicationSlot slot = new ReplicationSlot(connection, settings.slotName());
        ReplicationSlot.State state = slot.state().orElse(null);
        if (state != null && state.activePid() != null) {
            throw new IOException("the slot " + settings.slotName() + " is being read by server process "
                    + state.activePid() + ": another capture runs for " + settings.region() + "; this one waits");
        }
        Position start = slot.resumeAt(positions.position(), changesTopicIsEmpty());
        positions.store(start); // so that a slot without a position is never taken for a lost topic
        return start;
    }

    private boolean changesTopicIsEmpty() {
        Map<String, Object> properties = Map.copyOf(settings.kafka());
        try (Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = IntStream.range(0, settings.partitions())
                    .mapToObj(p -> new TopicPartition(Topics.changes(settings.region()), p))
                    .toList();
            return consumer.endOffsets(partitions).values().stream().allMatch(end -> end == 0);
        }
    }

    /** What one run has open. */
    private final class Session {

        private final List<SourceTable> tables;
        private final PartReport report;
        private final CopyProgress progress = new CopyProgress(System::nanoTime);
        private final FirstCopy copy = new FirstCopy(UUID.randomUUID().toString());
        private final ChangeProducer producer;
        private final SchemaPublisher publisher = new SchemaPublisher(settings);
        private final PositionStore positions = new PositionStore(settings);
        private final CapturedTables captured = new CapturedTables(this::definition, publisher, settings.contested());
        private final ServerClock serverClock = new ServerClock(InstantSource.system());
        private final LargeValues largeValues = new LargeValues();
        private final ChangeStream stream;
        private final Heartbeat heartbeat = new Heartbeat(
                settings.database(), settings.heartbeat(), this::beaten, serverClock, InstantSource.system());
        private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private final AtomicReference<@Nullable Thread> copyThread = new AtomicReference<>();
        private long answeredNanos = System.nanoTime();

        Session(List<SourceTable> tables, Position start, PartReport report) throws Exception {
            this.tables = tables;
            this.report = report;
            producer = new ChangeProducer(settings, start);
            stream = new ChangeStream(
                    settings.region(),
                    start,
                    captured,
                    producer,
                    positions,
                    copy,
                    progress,
                    largeValues,
                    serverClock,
                    count);
            engine = DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                    .using(EngineProperties.of(
                            settings,
                            Stream.concat(
                                            tables.stream()
                                                    .map(table -> table.schema().name()),
                                            settings.check().anyContested(tables)
                                                    ? Stream.of(HeartbeatTable.NAME, Seen.TABLE)
                                                    : Stream.of(HeartbeatTable.NAME))
                                    .toList(),
                            largeValues.id()))
                    .notifying(stream)
                    .using((success, message, error) -> {
                        if (!success) {
                            failure.compareAndSet(null, error != null ? error : new IOException(message));
                        }
                    })
                    .build();
        }

        void run() throws Exception {
            publisher.publishRecordSchemas();
            for (SourceTable table : tables) {
                captured.publish(table);
            }
            Thread beating = thread("heartbeat", heartbeat::run);
            Thread copying = thread("first copy", () -> new CopyReader(settings.database(), captured, copy, progress)
                    .run(tables, positions));
            Thread watching = thread("new tables", () -> new NewTables(settings, tables).watch());
            copyThread.set(copying);
            beating.start();
            copying.start();
            watching.start();
            try {
                engine.run();
            } finally {
                heartbeat.stop();
                copying.interrupt();
                watching.interrupt();
                watching.join(Duration.ofSeconds(10));
                beating.join(Duration.ofSeconds(10));
                copying.join(Duration.ofSeconds(10));
            }
            rethrow();
        }

        private void rethrow() throws Exception {
            Throwable thrown = failure.get();
            if (stopping || thrown == null) {
                return;
            }
            Throwable cause = thrown;
            while (cause.getCause() != null && !(cause instanceof ChangeStream.StreamException)) {
                cause = cause.getCause();
            }
            if (cause instanceof ChangeStream.StreamException stream && stream.getCause() instanceof Exception inner) {
                throw inner;
            }
            throw new IOException(cause.getMessage() == null ? cause.toString() : cause.getMessage(), thrown);
        }

        private interface Work {
            void run() throws Exception;
        }

        private Thread thread(String name, Work work) {
            return Thread.ofPlatform().name("anabranch " + name).daemon().unstarted(() -> {
                try {
                    work.run();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (Exception e) {
                    end(e);
                }
            });
        }

        /** Has {@link #run} return; it throws the failure if there is one. */
        void end(@Nullable Throwable because) {
            if (because != null) {
                failure.compareAndSet(null, because);
            }
            stream.end();
            largeValues.close();
            // Not by the caller: closing waits for the engine's thread, which may be waiting for the producer.
            Thread.ofVirtual().name("anabranch capture end").start(() -> {
                producer.close();
                try {
                    engine.close();
                } catch (IOException | IllegalStateException e) {
                    LOG.debug("The engine was not running any more region={}", settings.region(), e);
                }
            });
        }

        private void beaten(@Nullable SQLException unanswered) {
            long now = System.nanoTime();
            if (unanswered != null) {
                report.state(PartState.WAITING, "PostgreSQL does not answer: " + unanswered.getMessage());
                if (now - answeredNanos > UNANSWERED_MAX.toNanos()) {
                    end(unanswered);
                }
                return;
            }
            answeredNanos = now;
            long quietNanos = now - stream.lastProgressNanos();
            if (quietNanos > QUIET_MAX.toNanos()) {
                report.state(
                        PartState.WAITING,
                        "nothing was acknowledged for "
                                + Duration.ofNanos(quietNanos).toSeconds()
                                + " s: PostgreSQL is written to, and either its slot or Kafka does not go on");
            } else if (copy.isCopying()) {
                report.state(PartState.COPYING, "first copy of " + tablesInCopy());
            } else {
                report.state(PartState.RUNNING, "streaming " + tables.size() + " tables");
            }
        }

        private String tablesInCopy() {
            return progress.statuses().stream()
                    .filter(status -> !status.done())
                    .map(CopyStatus::table)
                    .collect(Collectors.joining(", "));
        }

        private SourceTable definition(TableName table) throws Exception {
            try (Connection connection = Sessions.open(settings.database(), "anabranch definitions")) {
                return SourceCatalog.read(connection, table::equals).tables().stream()
                        .findFirst()
                        .orElseThrow(
                                () -> new PartFailedException(table + " is in the WAL and not in the database any more"
                                        + "; take it out of the configuration, or copy it again if it was made anew"));
            }
        }

        void close() {
            largeValues.close();
            producer.close();
            publisher.close();
            positions.close();
        }
    }
}
