package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.anabranch.conflict.Stamp;
import org.anabranch.replicator.TargetTables.Target;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.PartReport;
import org.anabranch.schemas.PartState;
import org.anabranch.schemas.RecordCodec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
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
    private static final long TRY_MILLIS = 1_000;
    private static final int ANSWER_SECONDS = 5;
    private static final int CONTENTION_ATTEMPTS_MAX = 20;

    private final ApplierSettings settings;
    private final InstantSource clock;
    private final ApplierStatus status;
    private final Quarantine quarantine;
    private final PartReport report;
    private final CountDownLatch stop;

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
    private final OrphanWatch orphans;
    private final Waiting waiting;
    private final RecordIntake intake;
    private final ClockRow clockRow;
    private final QuarantineRequests requests;
    private final QuarantineTopic quarantineTopic;

    private final Tally tally = new Tally();
    private Progress committed;
    private boolean transactionOpen;
    private long firstRowNanos;
    private long committedAtMillis;
    private long readAtMillis;
    private long refreshedAtMillis;
    private long lookedAgainAt;
    private long triedAtMillis;

    ApplierRun(
            ApplierSettings settings,
            InstantSource clock,
            ApplierStatus status,
            Quarantine quarantine,
            OrphanJournal orphanJournal,
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
        merges = new MergeWriter(connection, settings.mergesItsOwn(), deferrals, shown, quarantine, tally, clock);
        locks = new RowLocks(deferrals, merges, clock);
        journalRetention = new JournalRetention(settings.journal());
        orphans = new OrphanWatch(connection, settings.region(), settings.writers(), this, orphanJournal, clock);
        waiting = new Waiting(clock, report, stop);
        quarantine.tells(tally);
        RecordCodec codec = new RecordCodec();
        quarantineTopic = new QuarantineTopic(settings.region(), settings.kafka(), quarantine, clock);
        ClockRow openedClock = null;
        SchemaStore openedSchemas = null;
        ResolvedReader openedReader = null;
        try {
            openedSchemas = new SchemaStore(settings.region(), settings.origins(), settings.kafka(), "applier", codec);
            openedReader = new ResolvedReader(settings);
            schemas = openedSchemas;
            reader = openedReader;
            openedClock = new ClockRow(settings, shown, clock);
            clockRow = openedClock;
            tables = new TargetTables(
                    new TablePreparation(settings.region(), settings.tables(), settings.merges()),
                    schemas,
                    settings.merges());
            writer = new BatchWriter(connection, this, quarantine, merges, tally);
            committed = loadAndPrepare();
            reader.start(committed.nextOffsets());
            assembler = new EpochAssembler(settings.partitions(), LIMITS, committed);
            requests = new QuarantineRequests(connection, quarantine, merges, shown, codec, this::known, clock);
            intake = new RecordIntake(assembler, schemas, codec, quarantine, connection, waiting);
        } catch (Exception e) {
            closeAll(openedReader, openedSchemas, openedClock, quarantineTopic, connection);
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
        orphans.load();
        connection.commit();
        refreshedAtMillis = clock.millis();
        status.committed(progress, tally, 0);
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
            status.read(assembler.readUntilMicros());
            reader.readOnly(assembler::isToBeRead);
            watchTheCluster();
            watchTheSchemas();
            keepTheJournalShort();
            lookAtOrphans();
            publishQuarantine();
        }
    }

    /** Waits for the first records only: what follows at once is joined to them, up to one batch. */
    private void read() throws Exception {
        ConsumerRecords<byte[], byte[]> records = reader.poll(POLL);
        while (!records.isEmpty() && stop.getCount() > 0) {
            readAtMillis = clock.millis();
            for (ConsumerRecord<byte[], byte[]> read : records) {
                transactionOpen |= intake.take(read);
            }
            if (assembler.bufferedRows() >= LIMITS.batchRowsMax()
                    || assembler.bufferedBytes() >= LIMITS.batchBytesMax()) {
                return;
            }
            records = reader.poll(Duration.ZERO);
        }
    }

    @Override
    public void forget() {
        tables.forget();
    }

    @Override
    public Target of(Change change) throws Exception {
        long since = waiting.begin();
        Target target = tables.of(connection, change.tableFingerprint());
        while (target == null) {
            schemas.refresh();
            target = tables.of(connection, change.tableFingerprint());
            if (target == null) {
                waiting.longer(
                        since,
                        "the table schema " + Long.toHexString(change.tableFingerprint()) + " is not in "
                                + change.origin() + ".schemas yet");
            }
        }
        return target;
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
        firstRowNanos = transactionOpen ? firstRowNanos : System.nanoTime();
        for (int attempt = 1; ; attempt++) {
            try {
                merges.copying(assembler.isCopying(settings.region()));
                orphans.before(batch.changes());
                writer.apply(batch.changes());
                orphans.after();
                count(batch);
                if (batch.progress() != null) {
                    lookAgain();
                }
                merges.displacedAgain(this);
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
                merges.forget();
                tally.clear();
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
            tryDisplacedRows();
            takeRequests();
        }
        if (progress != null && !locks.areHeld() && (transactionOpen || !progress.equals(committed))) {
            commit(progress);
        }
    }

    /** Local writes come as merges too; the rest is for whatever else may have happened to their tables. */
    private void tryDisplacedRows() throws Exception {
        boolean isDue = transactionOpen || clock.millis() - triedAtMillis >= TRY_MILLIS;
        if (isDue && quarantine.hasDisplaced()) {
            triedAtMillis = clock.millis();
            transactionOpen |= merges.displacedAgain(this);
            if (!transactionOpen) {
                connection.rollback(); // it has only read
            }
        }
    }

    /** What people have asked to be tried again, or to be given up. */
    private void takeRequests() throws Exception {
        if (!requests.isDue()) {
            return;
        }
        tables.forget(); // somebody has probably mended one
        transactionOpen |= requests.take(orphans);
        if (!transactionOpen) {
            connection.rollback(); // it has only read
        }
    }

    /** Null if its schema is not known; that is not waited for. */
    private @Nullable Target known(long fingerprint) throws Exception {
        Target target = tables.of(connection, fingerprint);
        if (target == null) {
            schemas.refresh();
            target = tables.of(connection, fingerprint);
        }
        return target;
    }

    private void publishQuarantine() throws SQLException, InterruptedException {
        if (!transactionOpen && quarantineTopic.isDue()) {
            quarantineTopic.publish(connection);
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
            orphans.before(due.values().stream()
                    .flatMap(List::stream)
                    .map(Deferred::merge)
                    .toList());
            merges.again(due);
            orphans.after();
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
        clockRow.beforeCommit(progress);
        connection.commit();
        clockRow.afterCommit(progress, holdsBack);
        committed = progress;
        committedAtMillis = clock.millis();
        transactionOpen = false;
        status.committed(progress, tally, System.nanoTime() - firstRowNanos);
        tally.clear();
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
        orphans.refresh();
        connection.commit();
    }

    private void keepTheJournalShort() throws SQLException {
        long now = clock.millis();
        if (!transactionOpen && journalRetention.isDue(now)) {
            journalRetention.deleteSome(connection, now);
        }
    }

    private void lookAtOrphans() throws SQLException {
        if (!transactionOpen && orphans.isDue()) {
            orphans.look(settings.origins().stream().anyMatch(assembler::isCopying));
        }
    }

    @Override
    public void close() {
        closeAll(reader, schemas, clockRow, quarantineTopic, connection);
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
