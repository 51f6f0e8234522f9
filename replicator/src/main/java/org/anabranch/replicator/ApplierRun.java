package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.anabranch.replicator.TargetTables.Target;
import org.anabranch.schemas.Bundle;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.EpochMarker;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.PartReport;
import org.anabranch.schemas.PartState;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.Span;
import org.anabranch.schemas.StreamRecord;
import org.anabranch.schemas.UnreadableRecordException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One life of the applier, from its connection to the loss of it. All on one thread. */
final class ApplierRun implements BatchWriter.TargetLookup, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ApplierRun.class);

    private static final EpochAssembler.Limits LIMITS = new EpochAssembler.Limits(20_000, 16 << 20, 100_000, 64L << 20);

    private static final Duration POLL = Duration.ofMillis(100);
    private static final long IDLE_COMMIT_MILLIS = 200;
    private static final long SILENCE_MILLIS = 3_000;
    private static final long SCHEMA_REFRESH_MILLIS = 5_000;
    private static final long SCHEMA_WAIT_MILLIS = 30_000;
    private static final long SCHEMA_RETRY_MILLIS = 100;
    private static final int ANSWER_SECONDS = 5;
    private static final int CONTENTION_ATTEMPTS_MAX = 20;

    private static final byte[] NO_KEY = {};

    /** Of a change beside its own bytes: objects and headers. */
    private static final int OVERHEAD_BYTES = 200;

    private final ApplierSettings settings;
    private final InstantSource clock;
    private final ApplierStatus status;
    private final Quarantine quarantine;
    private final PartReport report;
    private final CountDownLatch stop;

    private final RecordCodec codec = new RecordCodec();
    private final ProgressStore progressStore;
    private final Connection connection;
    private final SchemaStore schemas;
    private final ResolvedReader reader;
    private final TargetTables tables;
    private final BatchWriter writer;
    private final EpochAssembler assembler;

    private final Map<String, Long> rowsInTransaction = new HashMap<>();
    private Progress committed;
    private boolean transactionOpen;
    private long committedAtMillis;
    private long readAtMillis;
    private long refreshedAtMillis;

    ApplierRun(
            ApplierSettings settings,
            InstantSource clock,
            ApplierStatus status,
            Quarantine quarantine,
            PartReport report,
            CountDownLatch stop)
            throws Exception {
        this.settings = settings;
        this.clock = clock;
        this.status = status;
        this.quarantine = quarantine;
        this.report = report;
        this.stop = stop;
        progressStore = new ProgressStore(settings.partitions());
        connection = ApplierSession.open(settings);
        SchemaStore openedSchemas = null;
        ResolvedReader openedReader = null;
        try {
            openedSchemas = new SchemaStore(settings, codec);
            openedReader = new ResolvedReader(settings);
            schemas = openedSchemas;
            reader = openedReader;
            tables = new TargetTables(
                    new TablePreparation(settings.region(), settings.tables(), settings.merges()), schemas);
            writer = new BatchWriter(connection, this, quarantine);
            committed = loadAndPrepare();
            reader.start(committed.nextOffsets());
            assembler = new EpochAssembler(settings.partitions(), LIMITS, committed);
        } catch (Exception e) {
            closeAll(openedReader, openedSchemas, connection);
            throw e;
        }
        readAtMillis = clock.millis();
    }

    private Progress loadAndPrepare() throws Exception {
        OwnSchema.create(connection);
        Progress progress = progressStore.read(connection);
        quarantine.load(connection);
        schemas.refresh();
        tables.prepareAll(connection);
        connection.commit();
        refreshedAtMillis = clock.millis();
        status.committed(progress, Map.of());
        return progress;
    }

    /** Until it is asked to stop. */
    void apply() throws Exception {
        report.state(PartState.RUNNING, "applying");
        while (stop.getCount() > 0) {
            read();
            applyWhatIsReady();
            commitWhenDue();
            reader.readOnly(assembler::isToBeRead);
            watchTheCluster();
            watchTheSchemas();
        }
    }

    /** Waits for the first records only: what follows at once is joined to them, up to one batch. */
    private void read() throws Exception {
        ConsumerRecords<byte[], byte[]> records = reader.poll(POLL);
        while (!records.isEmpty() && stop.getCount() > 0) {
            readAtMillis = clock.millis();
            for (ConsumerRecord<byte[], byte[]> read : records) {
                offer(read);
            }
            if (assembler.bufferedRows() >= LIMITS.batchRowsMax()
                    || assembler.bufferedBytes() >= LIMITS.batchBytesMax()) {
                return;
            }
            records = reader.poll(Duration.ZERO);
        }
    }

    private void offer(ConsumerRecord<byte[], byte[]> read) throws Exception {
        if (read.value() == null) {
            assembler.skip(read.partition(), read.offset()); // no capture writes such a thing
            return;
        }
        Span span = span(read);
        if (span == null) {
            assembler.skip(read.partition(), read.offset());
            return;
        }
        assembler.begin(read.partition(), span);
        StreamRecord record = decode(read);
        switch (record) {
            case null -> assembler.skip(read.partition(), read.offset(), span);
            case EpochMarker marker -> assembler.offer(read.partition(), read.offset(), marker);
            case Bundle bundle -> offer(read, bundle);
        }
    }

    /** Null for a record that no capture wrote; it is put in quarantine. */
    private @Nullable Span span(ConsumerRecord<byte[], byte[]> read) throws SQLException, PartFailedException {
        Header header = read.headers().lastHeader(Span.HEADER);
        try {
            return Span.decode(header == null ? null : header.value());
        } catch (UnreadableRecordException e) {
            refuse(read, e);
            return null;
        }
    }

    private void refuse(ConsumerRecord<byte[], byte[]> read, UnreadableRecordException why)
            throws SQLException, PartFailedException {
        byte[] key = read.key() == null ? NO_KEY : read.key();
        quarantine.addUnreadable(connection, key, read.value(), Faults.message(why));
        transactionOpen = true;
    }

    private void offer(ConsumerRecord<byte[], byte[]> read, Bundle bundle) {
        int sizeBytes = read.value().length / bundle.changes().size() + OVERHEAD_BYTES;
        for (Bundle.KeyedChange keyed : bundle.changes()) {
            assembler.offer(read.partition(), new PendingChange(keyed.key(), keyed.change(), read.offset(), sizeBytes));
        }
    }

    /** Null for a record that is put in quarantine because nobody can read it. */
    private @Nullable StreamRecord decode(ConsumerRecord<byte[], byte[]> read) throws Exception {
        try {
            return codec.decode(read.value());
        } catch (UnreadableRecordException e) {
            return decodeLater(read);
        }
    }

    private @Nullable StreamRecord decodeLater(ConsumerRecord<byte[], byte[]> read) throws Exception {
        long until = clock.millis() + SCHEMA_WAIT_MILLIS;
        while (true) {
            schemas.refresh();
            try {
                return codec.decode(read.value());
            } catch (UnreadableRecordException e) {
                if (!e.mayHeal()) {
                    refuse(read, e);
                    return null;
                }
                waitOrGiveUp(until, Faults.message(e));
            }
        }
    }

    @Override
    public void forget() {
        tables.forget();
    }

    @Override
    public Target of(Change change) throws Exception {
        long until = clock.millis() + SCHEMA_WAIT_MILLIS;
        Target target = tables.of(connection, change.tableFingerprint());
        while (target == null) {
            schemas.refresh();
            target = tables.of(connection, change.tableFingerprint());
            if (target == null) {
                waitOrGiveUp(
                        until,
                        "the table schema " + Long.toHexString(change.tableFingerprint()) + " is not in "
                                + change.origin() + ".schemas yet");
            }
        }
        return target;
    }

    private void waitOrGiveUp(long untilMillis, String what) throws Exception {
        report.state(PartState.WAITING, what);
        if (stop.await(SCHEMA_RETRY_MILLIS, TimeUnit.MILLISECONDS) || clock.millis() > untilMillis) {
            throw new IllegalStateException(what);
        }
    }

    private void applyWhatIsReady() throws Exception {
        while (stop.getCount()
                > 0) { // asked before a batch is taken: what is taken counts as applied in the next progress
            Batch batch = assembler.next();
            if (batch == null) {
                return;
            }
            apply(batch);
        }
    }

    private void apply(Batch batch) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                writer.apply(batch.changes());
                count(batch);
                if (batch.progress() != null) {
                    commit(batch.progress());
                }
                return;
            } catch (SQLException e) {
                boolean isFirstOfItsTransaction = !transactionOpen;
                connection.rollback();
                tables.forget();
                if (!Faults.isContention(e) || !isFirstOfItsTransaction || attempt == CONTENTION_ATTEMPTS_MAX) {
                    throw e;
                }
                quarantine.load(connection);
                report.state(PartState.WAITING, "another session holds a lock: " + Faults.message(e));
            }
        }
    }

    private void count(Batch batch) {
        transactionOpen = true;
        for (PendingChange pending : batch.changes()) {
            rowsInTransaction.merge(pending.change().origin(), 1L, Long::sum);
        }
    }

    /** Markers that came alone are stored now and then only: each commit costs the database a flush. */
    private void commitWhenDue() throws SQLException {
        boolean isDue = transactionOpen || clock.millis() - committedAtMillis >= IDLE_COMMIT_MILLIS;
        Progress progress = isDue ? assembler.progress() : null;
        if (progress != null && (transactionOpen || !progress.equals(committed))) {
            commit(progress);
        }
    }

    private void commit(Progress progress) throws SQLException {
        progressStore.write(connection, progress);
        connection.commit();
        committed = progress;
        committedAtMillis = clock.millis();
        transactionOpen = false;
        status.committed(progress, rowsInTransaction);
        rowsInTransaction.clear();
        report.state(PartState.RUNNING, "applying");
    }

    /** Kafka's consumer keeps silent about a cluster that is away. */
    private void watchTheCluster() {
        if (clock.millis() - readAtMillis < SILENCE_MILLIS) {
            return;
        }
        try {
            reader.ask();
            report.state(PartState.RUNNING, "applying");
        } catch (KafkaException e) {
            report.state(PartState.WAITING, "the Kafka cluster at " + reader.place() + " does not answer");
        }
        readAtMillis = clock.millis();
    }

    /** So that a new table is there before its first row comes. */
    private void watchTheSchemas() throws Exception {
        if (transactionOpen || clock.millis() - refreshedAtMillis < SCHEMA_REFRESH_MILLIS) {
            return;
        }
        refreshedAtMillis = clock.millis();
        if (!connection.isValid(ANSWER_SECONDS)) {
            throw new SQLException("the connection to " + settings.database().url() + " is lost", "08006");
        }
        try {
            schemas.refresh();
        } catch (KafkaException e) {
            return; // what watches the cluster says so
        }
        tables.forgetBroken();
        tables.prepareAll(connection);
        connection.commit();
    }

    @Override
    public void close() {
        closeAll(reader, schemas, connection);
    }

    private void closeAll(@Nullable AutoCloseable... resources) {
        for (AutoCloseable resource : resources) {
            try {
                if (resource != null) {
                    resource.close();
                }
            } catch (Exception e) {
                LOG.atWarn().addKeyValue("region", settings.region()).log("could not be closed: {}", Faults.message(e));
            }
        }
    }
}
