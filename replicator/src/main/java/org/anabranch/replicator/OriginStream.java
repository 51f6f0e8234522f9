package org.anabranch.replicator;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.anabranch.schemas.EpochMarker;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.Span;
import org.jspecify.annotations.Nullable;

/**
 * One origin's changes on their way out of the partitions and back into one order.
 *
 * <p>Each partition has a frontier: everything of the origin up to that stamp stands before what is read next there. A row
 * with a stamp says so of its own stamp, because stamps grow within a partition; a marker says so of the stamp that it
 * names. What is up to a partition's frontier and comes once more is a repeat. The smallest frontier is the stamp up to
 * which every partition's rows are here, so that they can be merged.
 */
final class OriginStream {

    /** More than this are joined: reading then begins earlier after a restart, and what it repeats is dropped. */
    private static final int SEEN_MAX = 1_000;

    /** What raised a partition's frontier: a record at this offset or soon after it. */
    private static final class Seen {
        final long offset;
        long hybrid;
        int number;

        Seen(long offset) {
            this.offset = offset;
        }
    }

    /** More marks than this are thinned: replicated-until then moves in larger steps, and is never too late. */
    private static final int MARKS_MAX = 10_000;

    private final String origin;
    private final long[] frontierHybrid;
    private final int[] frontierNumber;
    private final long[] readUntilMicros;
    private final List<ArrayDeque<Seen>> seen = new ArrayList<>();
    private final List<ArrayDeque<PendingChange>> pending = new ArrayList<>();
    private final Deque<EpochMarker> marks = new ArrayDeque<>();

    /** By partition, merges that came again, or were made again by another resolver: they belong to no epoch any more. */
    private final List<ArrayDeque<PendingChange>> repeated = new ArrayList<>();

    private long handedHybrid;
    private int handedNumber;
    private boolean open;
    private long replicatedUntilMicros;
    private long walPosition;
    private boolean copying = true;
    private int rows;
    private long bytes;

    OriginStream(Progress.OfOrigin applied, int partitions) {
        origin = applied.origin();
        handedHybrid = applied.hybridMicros();
        handedNumber = applied.number();
        replicatedUntilMicros = applied.replicatedUntilMicros();
        frontierHybrid = new long[partitions];
        frontierNumber = new int[partitions];
        readUntilMicros = new long[partitions];
        Arrays.fill(frontierHybrid, handedHybrid);
        Arrays.fill(frontierNumber, handedNumber);
        for (int i = 0; i < partitions; i++) {
            pending.add(new ArrayDeque<>());
            seen.add(new ArrayDeque<>());
            repeated.add(new ArrayDeque<>());
        }
    }

    /**
     * Before a record's changes are offered.
     *
     * @throws PartFailedException if what stood before it was never read: the record's span begins beyond the frontier
     */
    void begin(int partition, Span span) throws PartFailedException {
        if (isBefore(
                frontierHybrid[partition], frontierNumber[partition], span.afterHybridMicros(), span.afterNumber())) {
            throw new PartFailedException(
                    "changes of " + origin + " are missing in partition " + partition
                            + ": those after " + time(frontierHybrid[partition]) + " up to "
                            + time(span.afterHybridMicros())
                            + "; a cluster on the way has lost what it had acknowledged, and the tables have to be copied again");
        }
    }

    private static String time(long hybridMicros) {
        return Instant.EPOCH.plus(hybridMicros, ChronoUnit.MICROS).toString();
    }

    /** A record that nobody can read: what it held is not missing, but refused. */
    void skip(int partition, long offset, Span span) {
        raise(partition, offset, span.hybridMicros(), span.number());
    }

    /** Repeats are dropped; but not of answers, which may say something else than the last time. */
    void offer(int partition, PendingChange change) {
        boolean isNew = raise(
                partition,
                change.offset(),
                change.change().hybridMicros(),
                change.change().number());
        if (!isNew && !change.isAnswer()) {
            return;
        }
        if (isNew) {
            pending.get(partition).add(change);
        } else {
            repeated.get(partition).add(change.as(PendingChange.Role.REPEATED));
        }
        rows++;
        bytes += change.sizeBytes();
    }

    void offer(int partition, long offset, EpochMarker marker) {
        raise(partition, offset, marker.hybridMicros(), marker.number());
        copying = marker.copying();
        readUntilMicros[partition] = marker.untilMicros();
        EpochMarker last = marks.peekLast();
        boolean isNews = marker.hybridMicros() > (last == null ? handedHybrid - 1 : last.hybridMicros());
        if (!marker.atTransactionEnd() || !isNews) {
            return;
        }
        if (marks.size() == MARKS_MAX) {
            marks.removeLast();
        }
        marks.add(marker);
    }

    private boolean raise(int partition, long offset, long hybrid, int number) {
        if (!isBefore(frontierHybrid[partition], frontierNumber[partition], hybrid, number)) {
            return false;
        }
        frontierHybrid[partition] = hybrid;
        frontierNumber[partition] = number;
        remember(partition, offset, hybrid, number);
        return true;
    }

    private void remember(int partition, long offset, long hybrid, int number) {
        ArrayDeque<Seen> records = seen.get(partition);
        Seen last = records.peekLast();
        if (last == null || last.offset != offset && records.size() < SEEN_MAX) {
            last = new Seen(offset);
            records.add(last);
        }
        last.hybrid = hybrid;
        last.number = number;
    }

    /** The next row up to the end of the newest transaction that is here as a whole; null if there is none. */
    @Nullable
    PendingChange pollWhole() {
        int slowest = slowest();
        return frontierNumber[slowest] == EpochMarker.WHOLE
                ? poll(frontierHybrid[slowest], EpochMarker.WHOLE)
                : poll(frontierHybrid[slowest] - 1, EpochMarker.WHOLE);
    }

    /** The next row of which all that precede it are here, its transaction whole or not; null if there is none. */
    @Nullable
    PendingChange pollAny() {
        int slowest = slowest();
        return poll(frontierHybrid[slowest], frontierNumber[slowest]);
    }

    /** The next answer that came again; null if there is none. */
    @Nullable
    PendingChange pollRepeated() {
        for (ArrayDeque<PendingChange> queue : repeated) {
            PendingChange next = queue.poll();
            if (next != null) {
                bytes -= next.sizeBytes();
                rows--;
                return next;
            }
        }
        return null;
    }

    private @Nullable PendingChange poll(long untilHybrid, int untilNumber) {
        while (true) {
            ArrayDeque<PendingChange> queue = queueOfNext();
            if (queue == null) {
                return null;
            }
            PendingChange next = queue.element();
            long hybrid = next.change().hybridMicros();
            int number = next.change().number();
            if (isBefore(untilHybrid, untilNumber, hybrid, number)) {
                return null;
            }
            queue.remove();
            bytes -= next.sizeBytes();
            rows--;
            if (isBefore(handedHybrid, handedNumber, hybrid, number)) {
                handedHybrid = hybrid;
                handedNumber = number;
                open = true;
                return next;
            } // else a TRUNCATE, which stands in every partition
        }
    }

    /** Where the row with the smallest stamp waits. There are few partitions: a heap is slower. */
    private @Nullable ArrayDeque<PendingChange> queueOfNext() {
        ArrayDeque<PendingChange> found = null;
        long foundHybrid = 0;
        int foundNumber = 0;
        for (ArrayDeque<PendingChange> queue : pending) {
            PendingChange first = queue.peek();
            if (first == null) {
                continue;
            }
            long hybrid = first.change().hybridMicros();
            int number = first.change().number();
            if (found == null || isBefore(hybrid, number, foundHybrid, foundNumber)) {
                found = queue;
                foundHybrid = hybrid;
                foundNumber = number;
            }
        }
        return found;
    }

    /** After {@link #pollWhole} gave null: all that is whole is handed out. */
    void closeAtCut() {
        int slowest = slowest();
        long cut = frontierHybrid[slowest] - (frontierNumber[slowest] == EpochMarker.WHOLE ? 0 : 1);
        if (isBefore(handedHybrid, handedNumber, cut, EpochMarker.WHOLE)) {
            handedHybrid = cut;
            handedNumber = EpochMarker.WHOLE;
        }
        open = handedNumber != EpochMarker.WHOLE;
    }

    /**
     * Closes the transaction of the row that was handed out last, if the next row that is whole belongs to a later one. Only
     * after {@link #pollWhole} gave that row: its transaction is whole then.
     */
    void closeBetweenTransactions() {
        ArrayDeque<PendingChange> next = queueOfNext();
        if (next == null || next.element().change().hybridMicros() > handedHybrid) {
            handedNumber = EpochMarker.WHOLE;
            open = false;
        }
    }

    /** Whether rows of a transaction are handed out and its end is not. */
    boolean isOpen() {
        return open;
    }

    /** Only while not open. */
    Progress.OfOrigin progress() {
        while (!marks.isEmpty() && marks.element().hybridMicros() <= handedHybrid) {
            EpochMarker mark = marks.remove();
            if (!mark.copying()) {
                // A capture that has just begun does not know yet.
                replicatedUntilMicros = mark.untilMicros() == 0 ? replicatedUntilMicros : mark.untilMicros();
                walPosition = mark.walPosition();
            }
        }
        return new Progress.OfOrigin(origin, handedHybrid, handedNumber, replicatedUntilMicros);
    }

    /** What every partition has brought, as {@link EpochMarker#untilMicros}; 0 if that is not known yet. */
    long readUntilMicros() {
        return Arrays.stream(readUntilMicros).min().orElse(0);
    }

    /** Up to where in the origin's WAL all was handed out, as of the last {@link #progress}; 0 if that is not known yet. */
    long walPosition() {
        return walPosition;
    }

    /** Whether a first copy was under way by the last marker that was read; also before the first. */
    boolean isCopying() {
        return copying;
    }

    int rows() {
        return rows;
    }

    long bytes() {
        return bytes;
    }

    /** The first offset in a partition with anything beyond what was handed out; Long.MAX_VALUE if there is none. */
    long firstOffset(int partition) {
        ArrayDeque<Seen> records = seen.get(partition);
        Seen first = records.peek();
        while (first != null && !isBefore(handedHybrid, handedNumber, first.hybrid, first.number)) {
            records.remove();
            first = records.peek();
        }
        PendingChange firstRepeated = repeated.get(partition).peek();
        return Math.min(
                first == null ? Long.MAX_VALUE : first.offset,
                firstRepeated == null ? Long.MAX_VALUE : firstRepeated.offset());
    }

    /** Whether a partition's frontier is the smallest: only reading there lets more rows be handed out. */
    boolean holdsBack(int partition) {
        int slowest = slowest();
        return frontierHybrid[partition] == frontierHybrid[slowest]
                && frontierNumber[partition] == frontierNumber[slowest];
    }

    private int slowest() {
        int slowest = 0;
        for (int i = 1; i < frontierHybrid.length; i++) {
            if (isBefore(frontierHybrid[i], frontierNumber[i], frontierHybrid[slowest], frontierNumber[slowest])) {
                slowest = i;
            }
        }
        return slowest;
    }

    private static boolean isBefore(long hybrid, int number, long otherHybrid, int otherNumber) {
        return hybrid < otherHybrid || hybrid == otherHybrid && number < otherNumber;
    }
}
