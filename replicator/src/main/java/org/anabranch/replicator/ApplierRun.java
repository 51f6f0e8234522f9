package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.anabranch.conflict.Stamp;
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

    /** So often it is said at least what the region holds, where nothing else is to be said. */
    private static final long SAY_MILLIS = 500;

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
    private final Deferrals deferrals = new Deferrals();
    private final Shown shown;
    private final MergeWriter merges;
    private final RowLocks locks;
    private final JournalRetention journalRetention;
    private final @Nullable ClockWriter clockWriter;

    private final Map<String, Long> rowsInTransaction = new HashMap<>();
    private Progress committed;
    private boolean transactionOpen;
    private long committedAtMillis;
    private long readAtMillis;
    private long refreshedAtMillis;
    private long saidAtMillis;
    private long lookedAgainAt;

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
        shown = new Shown(settings.region());
        merges = new MergeWriter(connection, settings.mergesItsOwn(), deferrals, shown, quarantine, clock);
        locks = new RowLocks(deferrals, merges, clock);
        journalRetention = new JournalRetention(settings.journal());
        ClockWriter openedClock = null;
        SchemaStore openedSchemas = null;
        ResolvedReader openedReader = null;
        try {
            openedSchemas = new SchemaStore(settings.region(), settings.origins(), settings.kafka(), "applier", codec);
            openedReader = new ResolvedReader(settings);
            schemas = openedSchemas;
            reader = openedReader;
            openedClock = settings.mergesItsOwn() ? new ClockWriter(settings) : null;
            clockWriter = openedClock;
            tables = new TargetTables(
                    new TablePreparation(settings.region(), settings.tables(), settings.merges()),
                    schemas,
                    settings.merges());
            writer = new BatchWriter(connection, this, quarantine, merges);
            committed = loadAndPrepare();
            reader.start(committed.nextOffsets());
            assembler = new EpochAssembler(settings.partitions(), LIMITS, committed);
        } catch (Exception e) {
            closeAll(openedReader, openedSchemas, openedClock, connection);
            throw e;
        }
        readAtMillis = clock.millis();
    }

    private Progress loadAndPrepare() throws Exception {
        OwnSchema.create(connection);
        Progress progress = progressStore.read(connection);
        quarantine.load(connection);
        deferrals.load(connection);
        shown.committed(progress, deferrals.holdsBack());
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
            lockWhatNeverRests();
            commitWhenDue();
            reader.readOnly(assembler::isToBeRead);
            watchTheCluster();
            watchTheSchemas();
            keepTheJournalShort();
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
        Span span = isOfNow(read) ? span(read) : null;
        if (span == null) {
            assembler.skip(read.partition(), read.offset());
            return;
        }
        assembler.begin(read.partition(), span);
        StreamRecord record = read.value() == null ? null : decode(read);
        switch (record) {
            case null -> {}
            case EpochMarker marker -> assembler.offer(read.partition(), read.offset(), marker);
            case Bundle bundle -> offer(read, bundle);
        }
        // The resolver may have left out what was at its end, and all of it.
        assembler.skip(read.partition(), read.offset(), span);
    }

    /** Not what a resolver writes that was replaced; nor the record with which one begins. */
    private boolean isOfNow(ConsumerRecord<byte[], byte[]> read) {
        Header header = read.headers().lastHeader(Generation.HEADER);
        if (header == null) {
            return read.value() != null;
        }
        if (Generation.isBegin(header.value())) {
            boolean unused = assembler.isOfNow(read.partition(), read.offset());
            return false;
        }
        Long generation = Generation.decode(header.value());
        return generation != null && assembler.isOfNow(read.partition(), generation);
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
                merges.copying(assembler.isCopying(settings.region()));
                writer.apply(batch.changes());
                count(batch);
                if (batch.progress() != null) {
                    lookAgain();
                }
                if (batch.progress() != null && !locks.areHeld()) {
                    commit(batch.progress());
                }
                return;
            } catch (SQLException e) {
                boolean isFirstOfItsTransaction = !transactionOpen;
                connection.rollback();
                tables.forget();
                locks.released();
                shown.forget();
                if (!Faults.isContention(e) || !isFirstOfItsTransaction || attempt == CONTENTION_ATTEMPTS_MAX) {
                    throw e;
                }
                quarantine.load(connection);
                deferrals.load(connection);
                report.state(PartState.WAITING, "another session holds a lock: " + Faults.message(e));
            }
        }
    }

    private void count(Batch batch) {
        transactionOpen = true;
        for (PendingChange pending : batch.changes()) {
            rowsInTransaction.merge(pending.change().origin(), 1L, Long::sum);
            if (!pending.isMerge()) {
                shown.applied(pending.change());
            }
        }
    }

    /** Markers that came alone are stored now and then only: each commit costs the database a flush. */
    private void commitWhenDue() throws Exception {
        boolean isDue = transactionOpen || clock.millis() - committedAtMillis >= IDLE_COMMIT_MILLIS;
        Progress progress = isDue ? assembler.progress() : null;
        if (progress != null) {
            lookAgain();
        }
        if (progress != null && !locks.areHeld() && (transactionOpen || !progress.equals(committed))) {
            commit(progress);
        }
    }

    /** At rows that were deferred, once the region's own changes have come through from beyond where they were looked at. */
    private void lookAgain() throws Exception {
        if (deferrals.isEmpty()) {
            return;
        }
        long upTo = lookAgainUpTo();
        if (upTo > lookedAgainAt) {
            lookedAgainAt = settings.mergesItsOwn() ? upTo : 0;
            Map<GuardedStatements, List<Deferred>> due = byTable(deferrals.lookedAtUpTo(upTo));
            transactionOpen |= !due.isEmpty();
            merges.again(due);
        }
    }

    /** Where the region writes nothing, all that a row can wait for is somebody's lock. */
    private long lookAgainUpTo() {
        if (!settings.mergesItsOwn()) {
            return Long.MAX_VALUE;
        }
        return assembler.isCopying(settings.region()) ? 0 : assembler.walPosition(settings.region());
    }

    private void lockWhatNeverRests() throws Exception {
        for (var ofTable :
                byTable(locks.due(assembler.walPosition(settings.region()))).entrySet()) {
            transactionOpen = true;
            locks.lock(ofTable.getKey(), ofTable.getValue());
        }
    }

    private Map<GuardedStatements, List<Deferred>> byTable(List<Deferred> waiting) throws Exception {
        Map<GuardedStatements, List<Deferred>> tablesOf = new LinkedHashMap<>();
        for (Deferred one : waiting) {
            if (of(one.merge().change()) instanceof Target.Ready ready && ready.guarded() != null) {
                tablesOf.computeIfAbsent(ready.guarded(), t -> new ArrayList<>())
                        .add(one);
            }
        }
        return tablesOf;
    }

    private void commit(Progress reached) throws SQLException {
        Map<String, Stamp> holdsBack = deferrals.holdsBack();
        Progress progress = reached.heldBack(holdsBack.keySet(), committed);
        deferrals.write(connection);
        progressStore.write(connection, progress);
        sayWhatIsSeen();
        connection.commit();
        boolean isMoreToBeSaid = shown.leavesRowsOut();
        shown.committed(progress, holdsBack);
        if (isMoreToBeSaid) {
            say();
        }
        committed = progress;
        committedAtMillis = clock.millis();
        transactionOpen = false;
        status.committed(progress, rowsInTransaction);
        rowsInTransaction.clear();
        report.state(PartState.RUNNING, "applying");
    }

    /** Last before the commit: who writes after having seen the rows commits after this. */
    private void sayWhatIsSeen() throws SQLException {
        boolean isDue = shown.isNews() || clock.millis() - saidAtMillis >= SAY_MILLIS && shown.holdsMoreThanWasSaid();
        if (isDue) {
            say();
        }
    }

    private void say() throws SQLException {
        if (clockWriter != null) {
            clockWriter.write(shown.seen());
            shown.said();
            saidAtMillis = clock.millis();
        }
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

    private void keepTheJournalShort() throws SQLException {
        long now = clock.millis();
        if (!transactionOpen && journalRetention.isDue(now)) {
            journalRetention.deleteSome(connection, now);
        }
    }

    @Override
    public void close() {
        closeAll(reader, schemas, clockWriter, connection);
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
