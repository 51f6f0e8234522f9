package org.anabranch.conflict;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.conflict.RowMerge.Rule;

/**
 * The protocol between regions that all write the same few rows, with the merge, the resolver, the hybrid clock and the guard
 * themselves, and with models of what is around them: a database with row versions, commit times and a WAL; capture, links,
 * resolvers and appliers as steps that a seeded scheduler chooses, each of which may be killed, repeated, or wake up late. Clocks
 * differ and are set; tables are rewritten without a trace in the WAL.
 *
 * <p>When nothing moves any more, every database has to hold what {@link MergeOracle} makes of all changes ever acknowledged.
 */
final class Simulation {

    /** What can be built wrong. */
    enum Bug {
        NONE,
        NO_ECHO_FOR_CONTESTED_ROWS,
        GUARD_LEFT_OUT,
        DEFERRED_ROWS_ARE_NEVER_LOOKED_AT_AGAIN,
        OLD_GENERATION_LET_IN,
        RESOLVER_DROPS_REPEATS,
        RESOLVER_STARTS_ONE_LATE,
        RESOLVER_TRUSTS_ITS_MEMORY_AFTER_A_START,
        LINK_STARTS_ONE_LATE,
        CAPTURE_STARTS_ONE_LATE,
        CAPTURE_FORGETS_ITS_CLOCK,
        CLOCK_ROW_AFTER_THE_COMMIT,
        CLOCK_ROW_LEFT_OUT,
        CONTEXT_LEFT_OUT,
        CONTEXT_OF_ROWS_LEFT_OUT,
        CONTEXT_CLAIMS_WHAT_IS_ON_ITS_WAY,
        CONTEXT_CLAIMS_WHAT_IS_NOT_COMMITTED,
        STABLE_WITHOUT_ONE_REGION,
        STABLE_BY_STREAMS_ALONE,
        STABLE_BEFORE_ITS_OWN_DATABASE_HAS_IT,
        STABLE_BY_THE_LEAST_OF_WHAT_REGIONS_HOLD,
        STATE_AHEAD_OF_ITS_ANSWERS,
        PROGRESS_BEFORE_THE_ROWS,
        MERGED_ROWS_DROPPED_BY_STAMP,
        DEFERRED_ROW_OVERTAKES_ITS_ANSWER,
        APPLIERS_WRITES_ARE_CAPTURED
    }

    private static final List<String> NAMES = List.of("eu", "hub", "us");
    private static final int STEPS_MAX = 50_000;
    private static final int NOWHERE = -1;
    private static final int ID = 0;
    private static final int COUNT = 1;
    private static final int TAGS = 2;

    private final Random random;
    private final Bug bug;
    private final DeletePolicy deletes;
    private final boolean isPreferred;
    private final RowMerge merge;
    private final List<Region> regions = new ArrayList<>();
    private final List<String> keys;
    private final Map<String, List<RowChange>> truth = new TreeMap<>();
    private final Map<String, Set<String>> seenBy = new HashMap<>();
    private final Map<String, Stamp> stamps = new HashMap<>();
    private final Map<String, Stamp> captured = new HashMap<>();
    private final int captureWeight;
    private final int linkWeight;
    private final int resolveWeight;
    private final int applyWeight;
    private long now = 1_000;
    private final List<String> story = new ArrayList<>();
    private int writes;
    private int left;

    Simulation(long seed, Bug bug) {
        random = new Random(seed);
        this.bug = bug;
        deletes = DeletePolicy.values()[random.nextInt(DeletePolicy.values().length)];
        isPreferred = random.nextBoolean();
        merge = new RowMerge(
                3,
                deletes,
                List.of(
                        Rule.of(isPreferred ? MergePolicy.prefer("us") : MergePolicy.lastWriterWins(), ID),
                        Rule.of(MergePolicy.counter(), COUNT),
                        Rule.of(MergePolicy.set(), TAGS)));
        keys = List.of("a", "b", "c").subList(0, 1 + random.nextInt(3));
        keys.forEach(key -> truth.put(key, new ArrayList<>()));
        NAMES.forEach(name -> regions.add(new Region(name)));
        left = 3 + random.nextInt(25);
        captureWeight = weight();
        linkWeight = weight();
        resolveWeight = weight();
        applyWeight = weight();
    }

    /** Some parts are slow in some runs. */
    private int weight() {
        return random.nextInt(4) == 0 ? 1 : 5;
    }

    // What stands in a database, a topic, a WAL.

    /**
     * @param wal what wrote it; none where an applier did
     * @param shown what of other regions is in it
     */
    private record Version(Values row, boolean byApplier, long commitMicros, int wal, Context shown, int serial) {}

    private record RowWrite(String key, Values before, Values after) {}

    /** A transaction, or a row of the clock, which says what the region holds and, before that is whole, what some rows do. */
    private record WalEntry(
            long commitMicros, List<RowWrite> rows, Stamp clock, Context context, Map<String, Context> ofRows) {
        static WalEntry transaction(long commitMicros, List<RowWrite> rows) {
            return new WalEntry(commitMicros, rows, null, null, Map.of());
        }
    }

    /** A change, or a marker if it has no key. */
    private record LogRecord(Stamp stamp, String key, RowChange change, long commitMicros, Context context, int wal) {}

    /**
     * An answer, a marker, or the beginning of a generation.
     *
     * @param merged up to where in the region's WAL its changes of the row are merged into the answer
     */
    private record Out(int generation, String key, Answer answer, int merged, LogRecord marker) {}

    /** A local delete: where it stands in the WAL, and of what. */
    private record Deletion(int wal, Version of) {}

    private record Deferred(Answer answer, int wal, Version looked, int offset) {}

    private record CaptureState(int position, long hybrid, Context context, Map<String, Context> ofRows) {}

    private final class Region {
        final String name;
        final Map<String, Version> database = new HashMap<>();
        final List<WalEntry> wal = new ArrayList<>();
        final List<LogRecord> log = new ArrayList<>();
        final Map<String, List<LogRecord>> mirrors = new HashMap<>();
        final Map<String, Integer> linked = new HashMap<>();
        final Map<String, Integer> linkCommitted = new HashMap<>();
        final List<Out> out = new ArrayList<>();
        final Map<String, Deferred> deferred = new TreeMap<>();
        final List<ResolverRun> late = new ArrayList<>();
        long skew = random.nextInt(3) == 0 ? random.nextInt(400) - 200 : 0;
        long lastCommit;
        CaptureState capture = new CaptureState(0, 0, Context.NOTHING, Map.of());
        CaptureState confirmed = capture;
        ResolverRun resolver = new ResolverRun(this, 0);
        int applied;
        int generation;
        Context holds = Context.NOTHING;
        Context claimed = Context.NOTHING;
        final Map<Integer, Context> markersHeldBack = new TreeMap<>();
        final Map<String, Stamp> dropped = new HashMap<>();
        final Map<String, Deletion> deletions = new HashMap<>();
        final Set<String> buried = new HashSet<>();

        Region(String name) {
            this.name = name;
        }

        List<LogRecord> topic(String origin) {
            return origin.equals(name) ? log : mirrors.computeIfAbsent(origin, o -> new ArrayList<>());
        }

        long commitTime() {
            long time = Math.max(now + skew, random.nextInt(10) > 0 ? lastCommit + 1 : lastCommit);
            lastCommit = Math.max(lastCommit, time);
            return time;
        }
    }

    /** A resolver between its start and its death, which it may sleep through. */
    private final class ResolverRun {
        final Region region;
        final int generation;
        final Map<String, RowEntry> entries = new HashMap<>();
        final Map<String, Integer> positions = new HashMap<>();
        final Map<String, Context> shown = new HashMap<>();
        final Map<String, Stamp> marks = new HashMap<>();
        final Map<String, Integer> merged = new HashMap<>();
        final Map<String, Integer> ends = new HashMap<>();
        Map<String, Integer> savedMerged = Map.of();
        Map<String, RowEntry> savedEntries = Map.of();
        Map<String, Integer> committed = Map.of();
        Map<String, Context> savedShown = Map.of();
        int flushed;

        ResolverRun(Region region, int generation) {
            this.region = region;
            this.generation = generation;
        }

        Context stable() {
            Context stable = null;
            for (String origin : NAMES) {
                if (bug == Bug.STABLE_WITHOUT_ONE_REGION && !origin.equals(region.name) && !origin.equals("hub")) {
                    continue;
                }
                Context shownBy = shown.getOrDefault(origin, Context.NOTHING);
                stable = stable == null ? shownBy : stable.meet(shownBy);
            }
            if (bug == Bug.STABLE_BY_THE_LEAST_OF_WHAT_REGIONS_HOLD) {
                long least =
                        regions.stream().mapToLong(Simulation::leastHeld).min().orElse(0);
                stable = Context.of(NAMES.stream()
                        .map(origin -> new Stamp(least, Integer.MAX_VALUE, origin))
                        .toList());
            }
            if (bug == Bug.STABLE_BY_STREAMS_ALONE) {
                stable = Context.of(positions.keySet().stream()
                        .flatMap(origin -> region.topic(origin).subList(0, positions.get(origin)).stream())
                        .map(LogRecord::stamp)
                        .toList());
            }
            return Objects.requireNonNull(stable);
        }

        boolean step(String origin) {
            List<LogRecord> topic = region.topic(origin);
            int position = positions.getOrDefault(origin, 0);
            if (position >= topic.size()) {
                return false;
            }
            LogRecord record = topic.get(position);
            positions.put(origin, position + 1);
            if (record.key() == null) {
                show(origin, record);
                region.out.add(new Out(generation, null, null, 0, record));
            } else if (bug != Bug.RESOLVER_DROPS_REPEATS || isNew(origin, record)) {
                resolve(record, position < ends.getOrDefault(origin, 0));
                show(origin, record);
            }
            if (random.nextInt(5) == 0) {
                commit();
            }
            if (random.nextInt(5) == 0) {
                settle();
            }
            return true;
        }

        /**
         * What every change that is still to come from there has in its context. Of the region itself only what its applier has
         * been through: what it wrote itself stands in the database, and the answer to it may not.
         */
        private void show(String origin, LogRecord record) {
            boolean isOwn = origin.equals(region.name) && bug != Bug.STABLE_BEFORE_ITS_OWN_DATABASE_HAS_IT;
            Context context = isOwn ? record.context() : record.context().with(record.stamp());
            shown.merge(origin, context, Context::join);
        }

        private boolean isNew(String origin, LogRecord record) {
            Stamp mark = marks.get(origin);
            if (mark != null && mark.compareTo(record.stamp()) >= 0) {
                return false;
            }
            marks.put(origin, record.stamp());
            return true;
        }

        private void resolve(LogRecord record, boolean mayBeRepeat) {
            RowResolver.Resolved resolved = new RowResolver(region.name, merge)
                    .resolve(
                            entries.get(record.key()),
                            record.change(),
                            record.commitMicros(),
                            stable(),
                            mayBeRepeat && bug != Bug.RESOLVER_TRUSTS_ITS_MEMORY_AFTER_A_START);
            resolved.entry()
                    .ifPresentOrElse(entry -> entries.put(record.key(), entry), () -> entries.remove(record.key()));
            boolean isEcho = record.stamp().origin().equals(region.name);
            if (bug == Bug.NO_ECHO_FOR_CONTESTED_ROWS && isEcho) {
                return;
            }
            if (isEcho) {
                merged.merge(record.key(), record.wal() + 1, Math::max);
            }
            int upTo = merged.getOrDefault(record.key(), 0);
            tell(
                    region,
                    "resolver " + generation + " takes " + record.key() + " of " + record.stamp() + ", answers "
                            + resolved.answer());
            resolved.answer()
                    .ifPresent(answer -> region.out.add(new Out(generation, record.key(), answer, upTo, null)));
        }

        private void settle() {
            RowResolver rows = new RowResolver(region.name, merge);
            for (String key : keys) {
                RowEntry entry = entries.get(key);
                if (entry != null) {
                    rows.settle(entry, stable()).ifPresentOrElse(settled -> entries.put(key, settled), () -> {
                        entries.remove(key);
                        bury(key);
                    });
                }
            }
        }

        /** What was forgotten must never be seen again. */
        private void bury(String key) {
            truth.get(key).stream()
                    .filter(change -> !change.isDelete() && stable().covers(change.stamp()))
                    .forEach(change -> region.buried.add(change.after().get(ID)));
        }

        private void commit() {
            savedEntries = Map.copyOf(entries);
            committed = Map.copyOf(positions);
            savedShown = Map.copyOf(shown);
            savedMerged = Map.copyOf(merged);
            flushed = region.out.size();
        }

        /** What takes its place, from what is durable: offsets, and a state that may be ahead of them. */
        ResolverRun successor(boolean losesAnswers) {
            boolean isAhead = random.nextBoolean();
            if (losesAnswers) {
                int keep = Math.max(region.applied, flushed);
                int from = region.out.size();
                while (from > keep && region.out.get(from - 1).generation() == generation) {
                    from--;
                }
                from += random.nextInt(region.out.size() - from + 1);
                region.out.subList(from, region.out.size()).clear();
            }
            int last = region.out.stream().mapToInt(Out::generation).max().orElse(0);
            ResolverRun next = new ResolverRun(region, last + 1);
            NAMES.forEach(origin -> next.ends.put(origin, region.topic(origin).size()));
            next.entries.putAll(isAhead ? entries : savedEntries);
            next.shown.putAll(isAhead ? shown : savedShown);
            next.merged.putAll(isAhead ? merged : savedMerged);
            next.marks.putAll(marks);
            next.positions.putAll(bug == Bug.STATE_AHEAD_OF_ITS_ANSWERS ? positions : committed);
            if (bug == Bug.RESOLVER_STARTS_ONE_LATE) {
                next.positions.replaceAll((origin, position) ->
                        Math.min(position + 1, region.topic(origin).size()));
            }
            region.out.add(new Out(next.generation, null, null, 0, null));
            next.commit();
            next.committed = Map.copyOf(next.positions);
            return next;
        }
    }

    /** What happened so far, a line for each step that changed something. */
    List<String> story() {
        return story;
    }

    private void tell(Region region, String what) {
        story.add(region.name + ": " + what);
    }

    // The steps.

    private void write(Region region) {
        List<String> chosen = new ArrayList<>(keys);
        while (chosen.size() > 1 && random.nextInt(3) > 0) {
            chosen.remove(random.nextInt(chosen.size()));
        }
        long commit = region.commitTime();
        List<RowWrite> rows = new ArrayList<>();
        for (String key : chosen) {
            Version present = region.database.get(key);
            String id = "w" + writes++;
            Values before = present == null ? null : present.row();
            if (before != null) {
                seenBy.computeIfAbsent(before.get(ID), i -> new HashSet<>()).add(id);
            }
            Values after = before != null && random.nextInt(4) == 0 ? null : changed(before, id);
            rows.add(new RowWrite(key, before, after));
            tell(region, "writes " + key + " " + before + " -> " + after + " at WAL " + region.wal.size());
            if (after == null) {
                region.deletions.put(key, new Deletion(region.wal.size(), present));
            }
            Context shown = present == null ? Context.NOTHING : present.shown();
            put(region, key, after, false, commit, region.wal.size(), shown);
        }
        region.wal.add(WalEntry.transaction(commit, rows));
    }

    private Values changed(Values before, String id) {
        String count = before == null ? "0" : before.get(COUNT);
        if (random.nextBoolean()) {
            count = Integer.toString(Integer.parseInt(count) + 1 + random.nextInt(9));
        }
        Set<String> tags = new TreeSet<>(before == null ? List.of() : ArrayText.parse(before.get(TAGS)));
        String tag = "t" + random.nextInt(3);
        if (random.nextInt(3) == 0 && !tags.remove(tag)) {
            tags.add(tag);
        }
        return Values.of(id, count, ArrayText.format(List.copyOf(tags)));
    }

    private int serial;

    private void put(Region region, String key, Values row, boolean byApplier, long commit, int wal, Context shown) {
        if (byApplier && row != null && region.buried.contains(row.get(ID))) {
            throw new AssertionError(
                    row + " came back to " + region.name + ", where it had been deleted and forgotten");
        }
        if (row == null) {
            region.database.remove(key);
        } else {
            region.database.put(key, new Version(row, byApplier, commit, wal, shown, serial++));
        }
    }

    /** ALTER TABLE writes every row anew, and nothing of it stands in what capture reads. */
    private void rewrite(Region region) {
        long commit = region.commitTime();
        region.database.replaceAll(
                (key, version) -> new Version(version.row(), false, commit, version.wal(), version.shown(), serial++));
    }

    private boolean capture(Region region) {
        CaptureState at = region.capture;
        if (at.position() >= region.wal.size()) {
            return false;
        }
        WalEntry entry = region.wal.get(at.position());
        HybridClock clock = new HybridClock(at.hybrid());
        Context context = at.context();
        Map<String, Context> ofRows = new HashMap<>(at.ofRows());
        if (entry.rows() == null) {
            if (bug != Bug.CLOCK_ROW_LEFT_OUT) {
                clock.observe(entry.clock().hybridMicros());
            }
            context = context.join(entry.context());
            entry.ofRows().forEach((key, ofRow) -> ofRows.merge(key, ofRow, Context::join));
            ofRows.values().removeIf(context::covers);
        } else {
            long hybrid = clock.next(entry.commitMicros());
            for (int number = 0; number < entry.rows().size(); number++) {
                captureRow(region, entry, at, new Stamp(hybrid, number, region.name));
            }
        }
        region.capture = new CaptureState(at.position() + 1, clock.lastMicros(), context, Map.copyOf(ofRows));
        boolean isMarked = random.nextInt(3) == 0 || region.capture.position() == region.wal.size();
        if (isMarked) {
            Stamp upTo = new Stamp(clock.lastMicros(), Integer.MAX_VALUE, region.name);
            region.log.add(new LogRecord(upTo, null, null, 0, context, region.capture.position()));
            if (random.nextInt(2) == 0) {
                region.confirmed = region.capture;
            }
        }
        return true;
    }

    private void captureRow(Region region, WalEntry entry, CaptureState at, Stamp stamp) {
        RowWrite row = entry.rows().get(stamp.number());
        Context ofRow = bug == Bug.CONTEXT_OF_ROWS_LEFT_OUT
                ? Context.NOTHING
                : at.ofRows().getOrDefault(row.key(), Context.NOTHING);
        Context context =
                bug == Bug.CONTEXT_LEFT_OUT ? Context.NOTHING : at.context().join(ofRow);
        RowChange change = new RowChange(stamp, context, row.before(), row.after());
        region.log.add(new LogRecord(stamp, row.key(), change, entry.commitMicros(), at.context(), at.position()));
        Stamp before = captured.put(region.name + at.position() + "/" + stamp.number(), stamp);
        if (before == null) {
            truth.get(row.key()).add(change);
            if (row.after() != null) {
                stamps.put(row.after().get(ID), stamp);
            }
        } else if (!before.equals(stamp)) {
            throw new AssertionError("captured again, " + before + " became " + stamp);
        }
    }

    private boolean link(Region region, Region from) {
        int position = region.linked.getOrDefault(from.name, 0);
        if (region == from || position >= from.log.size()) {
            return false;
        }
        region.topic(from.name).add(from.log.get(position));
        region.linked.put(from.name, position + 1);
        if (random.nextInt(3) == 0) {
            region.linkCommitted.put(from.name, position + 1);
        }
        return true;
    }

    /** A transaction of the applier: rows, then the row of the clock, then the commit with the progress; or no commit. */
    private boolean apply(Region region) {
        if (region.applied >= region.out.size()) {
            return false;
        }
        int until = Math.min(region.out.size(), region.applied + 1 + random.nextInt(5));
        Map<String, Version> databaseBefore = Map.copyOf(region.database);
        Map<String, Deferred> deferredBefore = Map.copyOf(region.deferred);
        Map<Integer, Context> heldBefore = Map.copyOf(region.markersHeldBack);
        int generationBefore = region.generation;
        Context holdsBefore = region.holds;
        Map<String, Context> written = new HashMap<>();
        for (int offset = region.applied; offset < until; offset++) {
            Out out = region.out.get(offset);
            if (out.generation() < region.generation && bug != Bug.OLD_GENERATION_LET_IN) {
                continue;
            }
            region.generation = Math.max(region.generation, out.generation());
            if (out.key() != null) {
                answer(region, offset, out, written);
            } else if (out.marker() != null) {
                marker(region, offset, out.marker(), written);
            }
        }
        claim(region);
        boolean isKilled = random.nextInt(10) == 0;
        tell(region, "applies " + region.applied + " to " + until + (isKilled ? " and is killed" : ""));
        // Of the region as a whole only what was committed before: this commit may fail.
        Context claimed =
                switch (bug) {
                    case CONTEXT_CLAIMS_WHAT_IS_ON_ITS_WAY -> everythingOf(region);
                    case CONTEXT_CLAIMS_WHAT_IS_NOT_COMMITTED -> region.holds;
                    default -> holdsBefore;
                };
        written.values().removeIf(claimed::covers);
        if (bug == Bug.CLOCK_ROW_AFTER_THE_COMMIT) {
            write(region);
        }
        boolean isNews = !written.isEmpty() || !region.claimed.covers(othersIn(region, claimed));
        if (isNews && (bug != Bug.CLOCK_ROW_AFTER_THE_COMMIT || !isKilled)) {
            Stamp newest =
                    written.values().stream().reduce(claimed, Context::join).latest();
            region.wal.add(new WalEntry(0, null, newest, claimed, Map.copyOf(written)));
            region.claimed = claimed;
        }
        if (isKilled) {
            region.database.clear();
            region.database.putAll(databaseBefore);
            region.deferred.clear();
            region.deferred.putAll(deferredBefore);
            region.markersHeldBack.clear();
            region.markersHeldBack.putAll(heldBefore);
            region.generation = generationBefore;
            region.holds = holdsBefore;
        }
        if (!isKilled || bug == Bug.PROGRESS_BEFORE_THE_ROWS) {
            region.applied = until;
        }
        return true;
    }

    /** That the applier has been through the region's own changes is said along with something else: it would go on for ever. */
    private static Context othersIn(Region region, Context context) {
        return Context.of(context.newest().values().stream()
                .filter(stamp -> !stamp.origin().equals(region.name))
                .toList());
    }

    private Context everythingOf(Region region) {
        return Context.of(regions.stream()
                .filter(other -> other != region)
                .flatMap(other -> other.log.stream())
                .map(LogRecord::stamp)
                .toList());
    }

    private void answer(Region region, int offset, Out out, Map<String, Context> written) {
        if (bug != Bug.DEFERRED_ROW_OVERTAKES_ITS_ANSWER) {
            region.deferred.remove(out.key());
        }
        if (bug == Bug.MERGED_ROWS_DROPPED_BY_STAMP) {
            Stamp last = region.dropped.get(out.key());
            Stamp newest = out.answer().context().latest();
            if (last != null && newest != null && newest.compareTo(last) <= 0) {
                return;
            }
            region.dropped.put(out.key(), newest);
        }
        Version present = region.database.get(out.key());
        tell(region, "finds " + present + " for " + out.answer() + " of " + out.key());
        ApplyGuard.Present guarded =
                present == null ? null : new ApplyGuard.Present(present.byApplier(), present.commitMicros());
        if (bug == Bug.GUARD_LEFT_OUT || ApplyGuard.allows(out.answer(), guarded)) {
            checkNothingUnseenIsUndone(region, out, present);
            put(
                    region,
                    out.key(),
                    out.answer().row().orElse(null),
                    true,
                    0,
                    NOWHERE,
                    out.answer().context());
            written.put(out.key(), out.answer().context());
            if (bug == Bug.APPLIERS_WRITES_ARE_CAPTURED
                    && present != null
                    && out.answer().row().isPresent()) {
                region.wal.add(WalEntry.transaction(
                        region.commitTime(),
                        List.of(new RowWrite(
                                out.key(), present.row(), out.answer().row().get()))));
            }
        } else {
            tell(region, "defers " + out.answer() + " of " + out.key());
            region.deferred.put(out.key(), new Deferred(out.answer(), region.wal.size(), present, offset));
        }
    }

    private static void checkNothingUnseenIsUndone(Region region, Out out, Version present) {
        boolean isUnseen = present != null
                && present.wal() >= out.merged()
                && present.commitMicros() != out.answer().seenMicros(); // two transactions of one microsecond
        if (isUnseen) {
            throw new AssertionError(region.name + " wrote over " + present + ", which its resolver has not seen");
        }
        Deletion deletion = region.deletions.get(out.key());
        boolean isDeletedUnseen = present == null
                && deletion != null
                && deletion.wal() >= out.merged()
                && isCovered(region, out.answer().context(), deletion.of().shown())
                && out.answer().row().equals(Optional.of(deletion.of().row()));
        if (isDeletedUnseen) {
            throw new AssertionError(
                    region.name + " undid a delete of " + deletion.of() + ", which its resolver has not seen");
        }
    }

    /** Whether of other regions there is nothing in it that was not shown. */
    private static boolean isCovered(Region region, Context context, Context shown) {
        return context.newest().values().stream()
                .allMatch(stamp -> stamp.origin().equals(region.name) || shown.covers(stamp));
    }

    private void marker(Region region, int offset, LogRecord marker, Map<String, Context> written) {
        region.markersHeldBack.put(offset, Context.of(marker.stamp()));
        boolean isOwn = marker.stamp().origin().equals(region.name);
        if (!isOwn || bug == Bug.DEFERRED_ROWS_ARE_NEVER_LOOKED_AT_AGAIN) {
            return;
        }
        for (var entry : Map.copyOf(region.deferred).entrySet()) {
            Deferred deferred = entry.getValue();
            if (marker.wal() < deferred.wal()) {
                continue;
            }
            Version present = region.database.get(entry.getKey());
            if (Objects.equals(present, deferred.looked())) {
                region.deferred.remove(entry.getKey());
                put(
                        region,
                        entry.getKey(),
                        deferred.answer().row().orElse(null),
                        true,
                        0,
                        NOWHERE,
                        deferred.answer().context());
                written.put(entry.getKey(), deferred.answer().context());
            } else {
                region.deferred.put(
                        entry.getKey(), new Deferred(deferred.answer(), region.wal.size(), present, deferred.offset()));
            }
        }
    }

    /** Hybrid time up to which a region holds everything of every origin. */
    private static long leastHeld(Region region) {
        return NAMES.stream()
                .filter(origin -> !origin.equals(region.name))
                .map(region.holds::newest)
                .mapToLong(stamp -> stamp == null ? 0 : stamp.hybridMicros())
                .min()
                .orElse(0);
    }

    /** What is wholly applied: markers before which nothing is deferred. */
    private static void claim(Region region) {
        int firstDeferred = region.deferred.values().stream()
                .mapToInt(Deferred::offset)
                .min()
                .orElse(Integer.MAX_VALUE);
        for (var held : Map.copyOf(region.markersHeldBack).entrySet()) {
            if (held.getKey() < firstDeferred) {
                region.holds = region.holds.join(held.getValue());
                region.markersHeldBack.remove(held.getKey());
            }
        }
    }

    private void kill(Region region) {
        tell(region, "something is killed");
        switch (random.nextInt(4)) {
            case 0 -> {
                CaptureState from = region.confirmed;
                if (bug == Bug.CAPTURE_STARTS_ONE_LATE && from.position() < region.capture.position()) {
                    from = new CaptureState(from.position() + 1, from.hybrid(), from.context(), from.ofRows());
                }
                if (bug == Bug.CAPTURE_FORGETS_ITS_CLOCK) {
                    from = new CaptureState(from.position(), 0, from.context(), from.ofRows());
                }
                region.capture = from;
            }
            case 1 -> {
                region.linked.clear();
                region.linked.putAll(region.linkCommitted);
                if (bug == Bug.LINK_STARTS_ONE_LATE) {
                    region.linked.replaceAll((origin, position) -> position + 1);
                }
            }
            case 2 -> region.resolver = region.resolver.successor(true);
            default -> { // it only sleeps, and will wake up
                region.late.add(region.resolver);
                region.resolver = region.resolver.successor(false);
            }
        }
    }

    private void step() {
        now += random.nextInt(5);
        Region region = regions.get(random.nextInt(regions.size()));
        int chance = random.nextInt(1_000);
        if (left > 0 && chance < 150) {
            write(region);
            left--;
        } else if (left > 0 && chance < 190) {
            kill(region);
        } else if (left > 0 && chance < 200) {
            region.skew += random.nextInt(2) == 0 ? 60 : -60;
        } else if (left > 0 && chance < 205) {
            rewrite(region);
        } else if (!region.late.isEmpty() && chance >= 205 && chance < 225) {
            wake(region);
        } else {
            work(region);
        }
    }

    private void work(Region region) {
        int chance = random.nextInt(captureWeight + linkWeight + resolveWeight + applyWeight);
        if (chance < captureWeight) {
            capture(region);
        } else if (chance < captureWeight + linkWeight) {
            link(region, regions.get(random.nextInt(regions.size())));
        } else if (chance < captureWeight + linkWeight + resolveWeight) {
            region.resolver.step(NAMES.get(random.nextInt(NAMES.size())));
        } else {
            apply(region);
        }
    }

    /** A resolver that slept while another took its place does some of what it was about to do. */
    private void wake(Region region) {
        ResolverRun late = region.late.removeFirst();
        for (int i = random.nextInt(12); i > 0; i--) {
            late.step(NAMES.get(random.nextInt(NAMES.size())));
        }
    }

    /** Until all is written, captured, linked, resolved and applied. */
    void run() {
        for (int steps = 0; steps < STEPS_MAX; steps++) {
            step();
            if (left == 0 && isQuiet()) {
                check();
                return;
            }
        }
        throw new AssertionError("it does not come to rest");
    }

    private boolean isQuiet() {
        for (Region region : regions) {
            boolean isDone = region.capture.position() == region.wal.size()
                    && region.applied == region.out.size()
                    && region.late.isEmpty();
            for (Region other : regions) {
                int topic = region.topic(other.name).size();
                isDone &= region.resolver.positions.getOrDefault(other.name, 0) == topic
                        && (other == region || region.linked.getOrDefault(other.name, 0) == other.log.size());
            }
            if (!isDone) {
                return false;
            }
            boolean waitsForAMarker = !region.deferred.isEmpty() && bug != Bug.DEFERRED_ROWS_ARE_NEVER_LOOKED_AT_AGAIN;
            if (waitsForAMarker) {
                beat(region);
                return false;
            }
        }
        return true;
    }

    /** A heartbeat: a transaction without rows, so that a marker follows. */
    private void beat(Region region) {
        region.wal.add(WalEntry.transaction(region.commitTime(), List.of()));
    }

    private void check() {
        for (String key : keys) {
            List<RowChange> changes = truth.get(key);
            Optional<Values> expected = changes.isEmpty() ? Optional.empty() : expected(changes);
            for (Region region : regions) {
                Version version = region.database.get(key);
                Optional<Values> row = Optional.ofNullable(version == null ? null : version.row());
                if (!row.equals(expected)) {
                    throw new AssertionError(
                            region.name + " holds " + row + " of " + key + ", and should " + expected + ": " + changes);
                }
            }
            expected.ifPresent(row -> checkNobodyHadSeenIt(key, row.get(ID)));
        }
        seenBy.forEach((earlier, laters) -> laters.forEach(later -> {
            Stamp one = stamps.get(earlier);
            Stamp other = stamps.get(later);
            if (one != null && other != null && one.compareTo(other) >= 0) {
                throw new AssertionError(
                        later + " at " + other + " was written after seeing " + earlier + " at " + one);
            }
        }));
    }

    private Optional<Values> expected(List<RowChange> changes) {
        MergeOracle oracle = new MergeOracle(changes);
        if (oracle.isDeleted(deletes)) {
            return Optional.empty();
        }
        String id = isPreferred ? oracle.preferred(ID, "us") : oracle.lastWritten(ID);
        return Optional.of(Values.of(id, oracle.counted(COUNT), oracle.elements(TAGS)));
    }

    private void checkNobodyHadSeenIt(String key, String id) {
        for (String later : seenBy.getOrDefault(id, Set.of())) {
            if (stamps.containsKey(later)) {
                throw new AssertionError(
                        later + " was written to " + key + " after seeing " + id + ", which is there now");
            }
        }
    }
}
