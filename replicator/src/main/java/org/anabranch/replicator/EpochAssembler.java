package org.anabranch.replicator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.anabranch.schemas.EpochMarker;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.Span;
import org.jspecify.annotations.Nullable;

/**
 * Puts what was read from the partitions back into the order of the stamps, drops repeats, and says where a database
 * transaction may end: only where every origin stands at the end of a transaction of its own.
 *
 * <p>Several whole transactions are joined into one batch. A transaction that is too large to hold is handed out in pieces
 * as soon as the buffer is full, in order, before its end is known; the pieces carry no progress until the end has come.
 *
 * <p>No threads, no clock, no I/O. Memory is bounded by {@link Limits}, if the reader keeps to {@link #isToBeRead}.
 */
final class EpochAssembler {

    /**
     * @param batchRowsMax a batch has no more rows
     * @param batchBytesMax a batch ends with the row that reaches this size
     * @param bufferRowsMax with more rows waiting, partitions that run ahead are to be read no further
     * @param bufferBytesMax the same in bytes
     */
    record Limits(int batchRowsMax, long batchBytesMax, int bufferRowsMax, long bufferBytesMax) {}

    private final Limits limits;
    private final Map<String, OriginStream> origins = new TreeMap<>();
    private final long[] positions;
    private final List<Generations> generations = new ArrayList<>();
    private final AnswerOrder answers = new AnswerOrder();
    private int firstOrigin;

    /** Goes on from what is applied; with no offsets stored, from the beginning of every partition. */
    EpochAssembler(int partitions, Limits limits, Progress applied) {
        this.limits = limits;
        positions = new long[partitions];
        for (int i = 0; i < partitions; i++) {
            generations.add(new Generations(
                    i < applied.generations().size() ? applied.generations().get(i) : -1));
        }
        for (int i = 0; i < applied.nextOffsets().size(); i++) {
            positions[i] = applied.nextOffsets().get(i);
        }
        applied.origins().forEach(origin -> origins.put(origin.origin(), new OriginStream(origin, partitions)));
    }

    /**
     * A record was read that a resolver wrote.
     *
     * @return whether it is to be taken; not if a later resolver has begun
     */
    boolean isOfNow(int partition, long offset, long generation) {
        return generations.get(partition).takes(offset, generation);
    }

    /**
     * A record was read, the rows or the marker of which are to be offered next.
     *
     * @throws PartFailedException if what stood before it is missing
     */
    void begin(int partition, Span span) throws PartFailedException {
        origin(span.origin()).begin(partition, span);
    }

    /** A row was read. Within a partition, offsets never shrink; rows of one bundle share theirs. */
    void offer(int partition, PendingChange change) {
        positions[partition] = change.offset() + 1;
        PendingChange placed = change.isAnswer() ? change.at(answers.read(change.key())) : change;
        origin(change.change().origin()).offer(partition, placed);
    }

    /** A marker was read. */
    void offer(int partition, long offset, EpochMarker marker) {
        positions[partition] = offset + 1;
        origin(marker.origin()).offer(partition, offset, marker);
    }

    /** A record was read that is of no use here. */
    void skip(int partition, long offset) {
        positions[partition] = offset + 1;
    }

    /** A record was read that holds something of an origin, and nobody can say what. After {@link #begin}. */
    void skip(int partition, long offset, Span span) {
        skip(partition, offset);
        origin(span.origin()).skip(partition, offset, span);
    }

    private OriginStream origin(String name) {
        return origins.computeIfAbsent(
                name, n -> new OriginStream(new Progress.OfOrigin(n, 0, EpochMarker.WHOLE, 0), positions.length));
    }

    /** The next changes to be applied; null if more has to be read first. */
    @Nullable
    Batch next() {
        List<PendingChange> changes = new ArrayList<>();
        boolean isOpen = !allClosed();
        rotated().forEach(origin -> takeRepeated(origin, changes));
        for (OriginStream origin : rotated()) {
            // While one origin's transaction is open the others wait: begun as well, they could hold up the commit for
            // ever.
            if (origin.isOpen() == isOpen) {
                takeWhole(origin, changes);
            }
        }
        if (changes.isEmpty() && isFull()) {
            rotated().forEach(origin -> takeWhole(origin, changes));
            rotated().forEach(origin -> takeAny(origin, changes));
        }
        firstOrigin++;
        boolean justClosed = isOpen && allClosed();
        return changes.isEmpty() && !justClosed ? null : new Batch(changes, progress());
    }

    /** An origin that has more than fits does not always go first. */
    private List<OriginStream> rotated() {
        List<OriginStream> streams = new ArrayList<>(origins.values());
        Collections.rotate(streams, streams.isEmpty() ? 0 : firstOrigin % streams.size());
        return streams;
    }

    private void takeWhole(OriginStream origin, List<PendingChange> changes) {
        long bytes = changes.stream().mapToLong(PendingChange::sizeBytes).sum();
        boolean tookAny = false;
        while (true) {
            boolean isFull = changes.size() >= limits.batchRowsMax() || bytes >= limits.batchBytesMax();
            if (isFull) {
                if (tookAny) {
                    origin.closeBetweenTransactions();
                }
                return;
            }
            PendingChange next = origin.pollWhole();
            if (next == null) {
                origin.closeAtCut();
                return;
            }
            changes.add(handedOut(next));
            bytes += next.sizeBytes();
            tookAny = true;
        }
    }

    private void takeAny(OriginStream origin, List<PendingChange> changes) {
        long bytes = changes.stream().mapToLong(PendingChange::sizeBytes).sum();
        while (changes.size() < limits.batchRowsMax() && bytes < limits.batchBytesMax()) {
            PendingChange next = origin.pollAny();
            if (next == null) {
                return;
            }
            changes.add(handedOut(next));
            bytes += next.sizeBytes();
        }
    }

    private void takeRepeated(OriginStream origin, List<PendingChange> changes) {
        while (changes.size() < limits.batchRowsMax()) {
            PendingChange next = origin.pollRepeated();
            if (next == null) {
                return;
            }
            if (answers.handOut(next.key(), next.place())) {
                changes.add(next);
            }
        }
    }

    private PendingChange handedOut(PendingChange change) {
        return change.isAnswer() && !answers.handOut(change.key(), change.place())
                ? change.as(PendingChange.Role.SUPERSEDED)
                : change;
    }

    /** What is to be stored with all that was handed out; null while a transaction is open. */
    @Nullable
    Progress progress() {
        if (!allClosed()) {
            return null;
        }
        List<Progress.OfOrigin> applied =
                origins.values().stream().map(OriginStream::progress).toList();
        List<Long> nextOffsets = Arrays.stream(nextOffsets()).boxed().toList();
        List<Long> atNext = new ArrayList<>();
        for (int partition = 0; partition < positions.length; partition++) {
            atNext.add(generations.get(partition).at(nextOffsets.get(partition)));
        }
        return new Progress(applied, nextOffsets, atNext);
    }

    private long[] nextOffsets() {
        long[] next = positions.clone();
        for (OriginStream origin : origins.values()) {
            for (int partition = 0; partition < next.length; partition++) {
                next[partition] = Math.min(next[partition], origin.firstOffset(partition));
            }
        }
        return next;
    }

    private boolean allClosed() {
        return origins.values().stream().noneMatch(OriginStream::isOpen);
    }

    private boolean isFull() {
        return bufferedRows() >= limits.bufferRowsMax() || bufferedBytes() >= limits.bufferBytesMax();
    }

    /** By origin, what every partition has brought; see {@link OriginStream#readUntilMicros}. */
    Map<String, Long> readUntilMicros() {
        return origins.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, origin -> origin.getValue()
                .readUntilMicros()));
    }

    /** Up to where in an origin's WAL all was handed out; 0 if that is not known yet. */
    long walPosition(String origin) {
        OriginStream stream = origins.get(origin);
        return stream == null ? 0 : stream.walPosition();
    }

    /** Whether a first copy of the origin is under way, or may be. */
    boolean isCopying(String origin) {
        OriginStream stream = origins.get(origin);
        return stream == null || stream.isCopying();
    }

    /** How many rows wait. */
    long bufferedRows() {
        return origins.values().stream().mapToLong(OriginStream::rows).sum();
    }

    /** How many bytes the rows that wait take, roughly. */
    long bufferedBytes() {
        return origins.values().stream().mapToLong(OriginStream::bytes).sum();
    }

    /**
     * Whether a partition is to be read on. While the buffer is full, only those that hold back an origin of which rows wait.
     *
     * <p>This cannot come to a standstill. Ask after {@link #next} gave null: then every row that waits is beyond the smallest
     * frontier of its origin, and the partitions with that frontier hold none of its rows. They are read, and capture writes
     * its markers to every partition, idle ones too, so each of them brings something of that origin that raises its frontier.
     * Then the smallest frontier has risen, or fewer partitions have it. Memory grows beyond the bound by what stands in those
     * partitions before that marker: of that origin at most the rows between two markers; of another origin what lies there
     * too, and that origin, having rows that wait, has its own slowest partitions read in the same way. If no rows wait, the
     * buffer is not full.
     */
    boolean isToBeRead(int partition) {
        return !isFull()
                || origins.values().stream().anyMatch(origin -> origin.rows() > 0 && origin.holdsBack(partition));
    }
}
