package org.anabranch.capture;

import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.HybridClock;
import org.anabranch.conflict.Stamp;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.EpochMarker;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.RecordKey;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.Seen;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.UnreadableRecordException;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Turns Debezium's events into stamped changes, sees where transactions end, closes epochs there, and confirms to the slot
 * what Kafka has acknowledged. Called by the engine's thread only, but for {@link #lastProgressNanos} and {@link #end}.
 */
final class ChangeStream implements DebeziumEngine.ChangeConsumer<RecordChangeEvent<SourceRecord>> {

    /** An epoch is closed at the first transaction end after this many changes or this long, or when there is no more. */
    static final int EPOCH_CHANGES = 5_000;

    private static final long EPOCH_NANOS = 20_000_000;

    /**
     * While what is read was committed longer ago than this, there is more to come, and epochs are not closed early: each
     * costs every step on the way requests of its own. Should there be no more after all, the next heartbeat closes it.
     */
    private static final long BEHIND_MICROS = 500_000;

    private static final long EPOCH_NANOS_BEHIND = 100_000_000;

    /** Within a large transaction a marker says now and then how far it has come: what an applier has to hold at most. */
    static final int CHANGES_BETWEEN_MARKERS = 5_000;

    private static final long CONFIRM_NANOS = 300_000_000;

    private static final String MOVED_FROM = "__debezium.oldkey";
    private static final String MOVED_TO = "__debezium.newkey";

    private final String origin;
    private final HybridClock clock;
    private final CapturedTables tables;
    private final ChangeProducer producer;
    private final PositionStore positions;
    private final FirstCopy copy;
    private final CopyProgress progress;
    private final LargeValues largeValues;
    private final ServerClock serverClock;
    private final CaptureCount count;

    private final Transaction transaction = new Transaction();
    private Seen seen;
    private @Nullable EpochMarker lastEnd;
    private @Nullable Position lastEndPosition;
    private boolean endedSinceMarker;
    private int changesSinceMarker;
    private long markerNanos = System.nanoTime();
    private long confirmedNanos = System.nanoTime();
    private @Nullable Position toConfirm;
    private @Nullable Struct movedFrom;
    private long untilMicros;
    private volatile boolean ended;
    private volatile long lastProgressNanos = System.nanoTime();

    /** The transaction that is being read. */
    private static final class Transaction {
        boolean open;
        long startsAfter;
        long hybridMicros;
        long commitMicros;
        int number;
    }

    ChangeStream(
            String origin,
            Position start,
            CapturedTables tables,
            ChangeProducer producer,
            PositionStore positions,
            FirstCopy copy,
            CopyProgress progress,
            LargeValues largeValues,
            ServerClock serverClock,
            CaptureCount count) {
        this.origin = origin;
        this.clock = new HybridClock(start.hybridMicros());
        this.seen = start.seen();
        this.tables = tables;
        this.producer = producer;
        this.positions = positions;
        this.copy = copy;
        this.progress = progress;
        this.largeValues = largeValues;
        this.serverClock = serverClock;
        this.count = count;
    }

    /** From any thread: whatever still comes is left for the next run. */
    void end() {
        ended = true;
    }

    /** When Kafka last acknowledged an epoch, by {@link System#nanoTime}. */
    long lastProgressNanos() {
        return lastProgressNanos;
    }

    @Override
    public boolean supportsTombstoneEvents() {
        return false;
    }

    @Override
    public void handleBatch(
            List<RecordChangeEvent<SourceRecord>> events,
            DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        if (ended) {
            return;
        }
        try {
            for (RecordChangeEvent<SourceRecord> event : events) {
                accept(new WalEvent(event.record()));
            }
            if (endedSinceMarker && !isBehind()) {
                closeEpoch();
            }
            confirm(events.getLast(), committer);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            if (ended) {
                return; // the producer was closed under it
            }
            // The engine shows its callback only what is unchecked or an interruption; Capture unwraps it.
            throw new StreamException(e);
        }
    }

    /** Carries an exception through the engine. */
    static final class StreamException extends RuntimeException {
        StreamException(Exception cause) {
            super(cause.getMessage(), cause);
        }
    }

    private void accept(WalEvent event) throws Exception {
        long commitPosition = event.commitPosition();
        if (transaction.open && commitPosition > transaction.startsAfter) {
            endTransaction(commitPosition);
        }
        Struct change = event.change();
        if (change == null) {
            return;
        }
        if (!transaction.open) {
            beginTransaction(change, commitPosition);
        }
        Struct source = WalEvent.source(change);
        TableName table = new TableName(source.getString("schema"), source.getString("table"));
        if (table.equals(HeartbeatTable.NAME)) {
            heartbeat(change);
        } else if (table.equals(Seen.TABLE)) {
            hear(change);
        } else {
            change(event, table, change);
        }
        largeValues.release(change);
    }

    private void beginTransaction(Struct change, long startsAfter) {
        transaction.open = true;
        transaction.startsAfter = startsAfter;
        transaction.commitMicros = WalEvent.commitMicros(change);
        transaction.hybridMicros = clock.next(transaction.commitMicros);
        transaction.number = 0;
        copy.transaction(WalEvent.transactionId(change));
    }

    private void endTransaction(long endPosition) throws PartFailedException {
        transaction.open = false;
        lastEnd = new EpochMarker(
                origin,
                transaction.hybridMicros,
                EpochMarker.WHOLE,
                transaction.commitMicros,
                endPosition,
                copy.isCopying(),
                untilMicros,
                seen.everywhere());
        lastEndPosition = new Position(endPosition, clock.lastMicros(), seen);
        endedSinceMarker = true;
        long epochNanos = isBehind() ? EPOCH_NANOS_BEHIND : EPOCH_NANOS;
        if (changesSinceMarker >= EPOCH_CHANGES || System.nanoTime() - markerNanos > epochNanos) {
            closeEpoch();
        }
    }

    private boolean isBehind() {
        return serverClock.nowMicros() - transaction.commitMicros > BEHIND_MICROS;
    }

    private void closeEpoch() throws PartFailedException {
        if (lastEnd != null && lastEndPosition != null) {
            long until = lastEnd.untilMicros();
            producer.whenAcknowledged(() -> count.reached(until));
            producer.closeEpoch(lastEnd, lastEndPosition);
        }
        endedSinceMarker = false;
        changesSinceMarker = 0;
        markerNanos = System.nanoTime();
    }

    private void change(WalEvent event, TableName name, Struct change) throws Exception {
        Operation operation = operation(change);
        CapturedTable table = tables.of(name, event.record().valueSchema(), change);
        if (operation == Operation.TRUNCATE) {
            truncate(table);
            return;
        }
        Struct before = change.getStruct("before");
        Struct after = change.getStruct("after");
        if (table.contested()) {
            contested(event, table, before, after);
            return;
        }
        switch (operation) {
            case INSERT, UPDATE -> {
                if (event.hasHeader(MOVED_FROM) && movedFrom != null) {
                    move(table, movedFrom, after);
                    movedFrom = null;
                } else {
                    row(table, operation, null, table.row(after));
                }
            }
            case DELETE -> {
                if (event.hasHeader(MOVED_TO)) {
                    movedFrom = before; // the new row follows, and goes first
                } else {
                    row(table, operation, table.keyRow(before), null);
                }
            }
            case TRUNCATE, COPY, MERGE -> throw new IllegalStateException(operation + " was dealt with already");
        }
    }

    private static Operation operation(Struct change) {
        String code = WalEvent.operation(change);
        return switch (code) {
            case "c" -> Operation.INSERT;
            case "u" -> Operation.UPDATE;
            case "d" -> Operation.DELETE;
            case "t" -> Operation.TRUNCATE;
            default -> throw new IllegalStateException("Debezium sent an operation that is not known: " + code);
        };
    }

    /** The row under its new key, saying where it was; then the end of the old one. Both know of each other's place. */
    private void move(CapturedTable table, Struct before, Struct after) throws PartFailedException {
        Row oldKey = table.keyRow(before);
        Row row = table.row(after);
        row(table, Operation.UPDATE, oldKey, row);
        // A key that only looks different (1.0 and 1.00) is the same row, and deleting it would lose it.
        if (!Arrays.equals(table.key(oldKey), table.key(row))) {
            row(table, Operation.DELETE, oldKey, null);
        }
    }

    /** Merging needs both rows whole: what a change did not touch stands in the row before it. */
    private void contested(WalEvent event, CapturedTable table, @Nullable Struct before, @Nullable Struct after)
            throws PartFailedException {
        if (event.hasHeader(MOVED_TO)) {
            movedFrom = before; // the new row follows
            return;
        }
        Struct old = event.hasHeader(MOVED_FROM) ? movedFrom : before;
        movedFrom = null;
        Row oldRow = old == null ? null : whole(table, table.row(old));
        Row row = after == null ? null : table.row(after);
        if (row != null) {
            row = whole(table, oldRow == null ? row : row.over(oldRow));
        }
        if (oldRow != null && row != null && !Arrays.equals(table.key(oldRow), table.key(row))) {
            row(table, Operation.DELETE, oldRow, null);
            row(table, Operation.INSERT, null, row);
        } else if (oldRow != null) {
            row(table, row == null ? Operation.DELETE : Operation.UPDATE, oldRow, row);
        } else {
            row(table, Operation.INSERT, null, row);
        }
    }

    private static Row whole(CapturedTable table, Row row) {
        if (row.hasHoles()) {
            throw new IllegalStateException("a row of " + table.schema().name()
                    + " came without all its values; a table with several writers needs: ALTER TABLE "
                    + table.schema().name().quoted() + " REPLICA IDENTITY FULL");
        }
        return row;
    }

    private void row(CapturedTable table, Operation operation, @Nullable Row before, @Nullable Row after)
            throws PartFailedException {
        byte[] key = table.key(after != null ? after : Objects.requireNonNull(before));
        copy.changed(key);
        send(table, key, operation, before, after);
    }

    private void send(CapturedTable table, byte[] key, Operation operation, @Nullable Row before, @Nullable Row after)
            throws PartFailedException {
        Context context = table.contested() ? seen.of(key) : null;
        producer.send(
                key,
                new Change(
                        operation,
                        nextStamp(),
                        transaction.commitMicros,
                        table.fingerprint(),
                        before,
                        after,
                        context,
                        null));
        markWithin();
    }

    private void truncate(CapturedTable table) throws PartFailedException {
        TableName name = table.schema().name();
        if (table.contested()) {
            throw new PartFailedException(name + " was truncated at WAL position "
                    + Position.text(transaction.startsAfter)
                    + "; a TRUNCATE of a table with several writers cannot be merged, and the regions differ now:"
                    + " copy the table again, and revoke TRUNCATE from the roles that write it");
        }
        copy.truncated(name);
        producer.sendToAll(
                new RecordKey(name, List.of()).encode(),
                new Change(Operation.TRUNCATE, nextStamp(), transaction.commitMicros, table.fingerprint(), null, null));
        markWithin();
    }

    private Stamp nextStamp() {
        changesSinceMarker++;
        count.row();
        return new Stamp(transaction.hybridMicros, transaction.number++, origin);
    }

    private void markWithin() throws PartFailedException {
        if (transaction.number % CHANGES_BETWEEN_MARKERS == 0) {
            producer.sendToAll(new EpochMarker(
                    origin,
                    transaction.hybridMicros,
                    transaction.number - 1,
                    transaction.commitMicros,
                    transaction.startsAfter,
                    copy.isCopying(),
                    untilMicros,
                    seen.everywhere()));
        }
    }

    /** An applier is about to show other regions' changes. Whoever writes after having seen them commits after this. */
    private void hear(Struct change) throws UnreadableRecordException {
        Struct row = change.getStruct("after");
        if (row != null) {
            Seen heard = Seen.parse(row.getString(Seen.COLUMN));
            clock.observe(heard.latestMicros());
            seen = heard.after(seen);
        }
    }

    private void heartbeat(Struct change) throws Exception {
        Struct row = change.getStruct("after");
        if (row == null) {
            return;
        }
        if (!HeartbeatTable.COPY.equals(row.getString(HeartbeatTable.NAME_COLUMN))) {
            untilMicros = CaptureCount.micros(row.getString(HeartbeatTable.TOKEN_COLUMN));
            return;
        }
        Optional<FirstCopy.Chunk> chunk = copy.watermark(row.getString(HeartbeatTable.TOKEN_COLUMN));
        if (chunk.isPresent()) {
            emit(chunk.get());
        }
        copy.beginWindow();
    }

    private void emit(FirstCopy.Chunk chunk) throws PartFailedException {
        CapturedTable table = chunk.table();
        for (TableReader.KeyedRow keyed : chunk.rows()) {
            byte[] key = table.key(keyed.key());
            if (copy.isCurrent(table.schema().name(), key)) {
                send(table, key, Operation.COPY, null, keyed.row());
            }
        }
        producer.whenAcknowledged(() -> {
            positions.store(table.schema().name(), chunk.end());
            progress.copied(table.schema().name(), chunk.end());
        });
        copy.emitted(chunk.isLast());
    }

    /** Tells PostgreSQL how far Kafka has everything: first durably to ourselves, then to the slot. */
    private void confirm(
            RecordChangeEvent<SourceRecord> event,
            DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws Exception {
        Optional<Position> acknowledged = producer.acknowledged();
        if (acknowledged.isPresent()) {
            toConfirm = acknowledged.get();
            lastProgressNanos = System.nanoTime();
        }
        if (toConfirm == null || System.nanoTime() - confirmedNanos < CONFIRM_NANOS) {
            return;
        }
        positions.store(toConfirm);
        DebeziumEngine.Offsets offsets = committer.buildOffsets();
        offsets.set("lsn_commit", toConfirm.walPosition());
        committer.markProcessed(event, offsets);
        committer.markBatchFinished();
        toConfirm = null;
        confirmedNanos = System.nanoTime();
    }
}
