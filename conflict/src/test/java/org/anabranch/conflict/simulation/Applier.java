package org.anabranch.conflict.simulation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.anabranch.conflict.Answer;
import org.anabranch.conflict.ApplyGuard;
import org.anabranch.conflict.ClaimOrder.Verdict;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.Values;
import org.anabranch.conflict.simulation.Database.Version;
import org.anabranch.conflict.simulation.WalEntry.ClockRow;
import org.anabranch.conflict.simulation.WalEntry.RowWrite;
import org.anabranch.conflict.simulation.WalEntry.Transaction;
import org.jspecify.annotations.Nullable;

/** From what is resolved to a region's rows, a few answers a transaction. */
final class Applier {

    /**
     * An answer that may not be applied yet.
     *
     * @param wal where the WAL ended when the row was looked at
     * @param looked what was there then
     * @param holders what was in its way then; null if that is not why it waits
     */
    private record Deferred(
            Resolved.Row row,
            int wal,
            @Nullable Version looked,
            @Nullable Map<String, Version> holders,
            int offset) {}

    /** What its transaction may change, and takes back if it does not commit. */
    private record Snapshot(
            Map<String, Version> rows,
            Map<String, Deferred> deferred,
            Map<Integer, Context> heldBack,
            int generation,
            Context holds,
            Claims.Snapshot claims) {}

    private final Region region;
    private final World world;
    private final Map<String, Deferred> deferred = new TreeMap<>();

    /** Markers, by offset, before which something may be deferred. */
    private final Map<Integer, Context> heldBack = new TreeMap<>();

    private final Map<String, Stamp> newestByKey = new HashMap<>();
    private final Claims claims;
    private int position;
    private int generation;
    private Context holds = Context.NOTHING;
    private Context claimed = Context.NOTHING;

    Applier(Region region) {
        this.region = region;
        world = region.world;
        claims = new Claims(region, this);
    }

    int position() {
        return position;
    }

    boolean isDone() {
        return position == region.resolved.size();
    }

    boolean waitsForAMarker() {
        return !deferred.isEmpty() && !world.has(Bug.DEFERRED_ROWS_ARE_NEVER_LOOKED_AT_AGAIN);
    }

    /** Hybrid time up to which the region holds everything of every other. */
    long leastHeld() {
        return World.NAMES.stream()
                .filter(origin -> !origin.equals(region.name))
                .map(holds::newest)
                .mapToLong(stamp -> stamp == null ? 0 : stamp.hybridMicros())
                .min()
                .orElse(0);
    }

    /** A transaction: rows, then the row of the clock, then the commit with the progress; or no commit. */
    void step() {
        if (isDone()) {
            return;
        }
        int from = position;
        int until = Math.min(region.resolved.size(), from + 1 + world.choices.below(world.habits.applierTakesMax()));
        Snapshot before = snapshot();
        Map<String, Context> written = new HashMap<>();
        for (int offset = from; offset < until; offset++) {
            read(offset, written);
        }
        tryDisplacedRowsAgain(written);
        claim();
        boolean isKilled = world.choices.oneIn(world.habits.applierDiesOneIn());
        if (isKilled) {
            region.tell("the applier is killed before it commits");
        } else if (!written.isEmpty()) {
            world.tell(region, () -> "commits " + written.keySet());
        }
        writeTheClock(before, written, isKilled);
        if (isKilled) {
            rollBack(before);
        }
        if (!isKilled || world.has(Bug.PROGRESS_BEFORE_THE_ROWS)) {
            position = until;
        }
    }

    private Snapshot snapshot() {
        return new Snapshot(
                region.database.snapshot(),
                Map.copyOf(deferred),
                Map.copyOf(heldBack),
                generation,
                holds,
                claims.snapshot());
    }

    private void rollBack(Snapshot before) {
        region.database.rollBack(before.rows());
        deferred.clear();
        deferred.putAll(before.deferred());
        heldBack.clear();
        heldBack.putAll(before.heldBack());
        generation = before.generation();
        holds = before.holds();
        claims.rollBack(before.claims());
    }

    private void read(int offset, Map<String, Context> written) {
        Resolved resolved = region.resolved.get(offset);
        if (resolved.generation() < generation && !world.has(Bug.OLD_GENERATION_LET_IN)) {
            return;
        }
        generation = Math.max(generation, resolved.generation());
        switch (resolved) {
            case Resolved.Begins begins -> {}
            case Resolved.Row row -> answer(offset, row, written);
            case Resolved.Marker marker -> marker(offset, marker.record(), written);
        }
    }

    private void answer(int offset, Resolved.Row row, Map<String, Context> written) {
        String key = row.key();
        Answer answer = row.answer();
        if (!world.has(Bug.DEFERRED_ROW_OVERTAKES_ITS_ANSWER)) {
            deferred.remove(key);
        }
        if (world.has(Bug.MERGED_ROWS_DROPPED_BY_STAMP) && !isNewer(key, answer)) {
            return;
        }
        boolean wasDisplaced = claims.forgetDisplaced(key, answer);
        Version present = region.database.get(key);
        world.tell(region, () -> "has for " + key + " " + Telling.of(answer) + ", finds " + Telling.of(present));
        boolean isAllowed = ApplyGuard.allows(answer, guarded(present)) || present == null && wasDisplaced;
        if (isAsWanted(key, answer)) {
            put(row, written);
        } else if (world.has(Bug.GUARD_LEFT_OUT) || isAllowed && !region.database.isLocked(key)) {
            UnseenWrites.check(region, row);
            place(row, offset, written);
            if (world.has(Bug.APPLIERS_WRITES_ARE_CAPTURED)) {
                captureOwn(key, present, answer);
            }
        } else {
            defer(row, null, offset);
        }
    }

    private void defer(Resolved.Row row, @Nullable Map<String, Version> holders, int offset) {
        world.tell(region, () -> "defers " + row.key());
        Version present = region.database.get(row.key());
        deferred.put(row.key(), new Deferred(row, region.wal.size(), present, holders, offset));
    }

    /** What is about to be written over a row, and only waits for others. */
    Resolved.@Nullable Row waitsForOthers(String key) {
        Deferred waiting = deferred.get(key);
        boolean isNext = waiting != null
                && waiting.holders() != null
                && serial(region.database.get(key)) == serial(waiting.looked());
        return isNext ? waiting.row() : null;
    }

    /** Up to where in the region's WAL its changes are merged into an answer that waits. */
    int merged(String key) {
        Deferred waiting = deferred.get(key);
        return waiting == null ? 0 : waiting.row().merged();
    }

    void waitsNoLonger(String key) {
        deferred.remove(key);
    }

    /** What is there of the row may be written over; other rows may be in its way. */
    private void place(Resolved.Row row, int offset, Map<String, Context> written) {
        switch (claims.verdict(row)) {
            case TAKES -> put(row, written);
            case YIELDS -> claims.giveWay(row);
            case WAITS -> defer(row, claims.look(row), offset);
        }
    }

    private void tryDisplacedRowsAgain(Map<String, Context> written) {
        if (world.has(Bug.DISPLACED_ROWS_ARE_NEVER_TRIED_AGAIN)) {
            return;
        }
        boolean isChanged = true;
        while (isChanged) {
            isChanged = false;
            for (Resolved.Row row : claims.displaced()) {
                isChanged |= tryAgain(row, written);
            }
        }
    }

    /** Where a row with its key has come meanwhile, the answer to that is on its way. */
    private boolean tryAgain(Resolved.Row row, Map<String, Context> written) {
        boolean isThere = region.database.get(row.key()) != null || region.database.isLocked(row.key());
        if (isThere || claims.verdict(row) == Verdict.YIELDS) {
            return false;
        }
        claims.forgetDisplaced(row.key(), row.answer());
        place(row, Integer.MAX_VALUE, written);
        return true;
    }

    private boolean isAsWanted(String key, Answer answer) {
        return region.database.row(key).equals(answer.row());
    }

    private static ApplyGuard.@Nullable Present guarded(@Nullable Version present) {
        return present == null ? null : new ApplyGuard.Present(present.byApplier(), present.commitMicros());
    }

    private boolean isNewer(String key, Answer answer) {
        Stamp last = newestByKey.get(key);
        Stamp newest = answer.context().latest();
        if (last != null && newest != null && newest.compareTo(last) <= 0) {
            return false;
        }
        newestByKey.put(key, newest);
        return true;
    }

    private void captureOwn(String key, @Nullable Version present, Answer answer) {
        Values row = answer.row().orElse(null);
        if (present != null && row != null) {
            region.wal.add(new Transaction(region.commitTime(), List.of(new RowWrite(key, present.row(), row))));
        }
    }

    private void put(Resolved.Row row, Map<String, Context> written) {
        claims.take(row);
        region.database.apply(row.key(), row.answer().row(), row.answer().context());
        written.put(row.key(), row.answer().context());
    }

    private void marker(int offset, LogRecord marker, Map<String, Context> written) {
        heldBack.put(offset, Context.of(marker.stamp()));
        if (!region.owns(marker) || world.has(Bug.DEFERRED_ROWS_ARE_NEVER_LOOKED_AT_AGAIN)) {
            return;
        }
        for (var entry : Map.copyOf(deferred).entrySet()) {
            if (marker.wal() >= entry.getValue().wal()) {
                lookAgain(entry.getKey(), entry.getValue(), written);
            }
        }
    }

    /** All that the region had written when the row was looked at has come by, and no answer with it. */
    private void lookAgain(String key, Deferred waiting, Map<String, Context> written) {
        Version present = region.database.get(key);
        boolean isUnchanged = serial(present) == serial(waiting.looked()) && !region.database.isLocked(key);
        if (isUnchanged || isAsWanted(key, waiting.row().answer())) {
            deferred.remove(key);
            if (waiting.holders() != null) {
                claims.know(waiting.holders());
            }
            place(waiting.row(), waiting.offset(), written);
        } else {
            defer(waiting.row(), null, waiting.offset());
        }
    }

    private static int serial(@Nullable Version version) {
        return version == null ? -1 : version.serial();
    }

    /** What is wholly applied: markers before which nothing is deferred. */
    private void claim() {
        int firstDeferred =
                deferred.values().stream().mapToInt(Deferred::offset).min().orElse(Integer.MAX_VALUE);
        for (var held : Map.copyOf(heldBack).entrySet()) {
            if (held.getKey() < firstDeferred) {
                holds = holds.join(held.getValue());
                heldBack.remove(held.getKey());
            }
        }
    }

    private void writeTheClock(Snapshot before, Map<String, Context> written, boolean isKilled) {
        // Of the region as a whole only what was committed before: this commit may fail.
        Context whole =
                switch (world.bug) {
                    case CONTEXT_CLAIMS_WHAT_IS_ON_ITS_WAY -> everythingOfOthers();
                    case CONTEXT_CLAIMS_WHAT_IS_NOT_COMMITTED -> holds;
                    default -> before.holds();
                };
        written.values().removeIf(whole::covers);
        Context read = heldBack.values().stream().reduce(holds, Context::join);
        // A row that was written, and nothing that came for it after that was deferred, shows all that was read.
        written.replaceAll((key, context) -> deferred.containsKey(key) ? context : context.join(read));
        if (world.has(Bug.CLOCK_ROW_AFTER_THE_COMMIT)) {
            region.writer.write();
        }
        boolean isNews = !written.isEmpty() || !claimed.covers(ofOthers(whole));
        if (isNews && !(world.has(Bug.CLOCK_ROW_AFTER_THE_COMMIT) && isKilled)) {
            Stamp newest =
                    written.values().stream().reduce(whole, Context::join).latest();
            region.wal.add(new ClockRow(newest, whole, Map.copyOf(written)));
            claimed = whole;
        }
    }

    /** That the applier has been through the region's own changes is said along with something else: it would go on for ever. */
    private Context ofOthers(Context context) {
        return Context.of(context.stamps().stream()
                .filter(stamp -> !stamp.origin().equals(region.name))
                .toList());
    }

    private Context everythingOfOthers() {
        return Context.of(world.regions.stream()
                .filter(other -> other != region)
                .flatMap(other -> other.log.stream())
                .map(LogRecord::stamp)
                .toList());
    }
}
