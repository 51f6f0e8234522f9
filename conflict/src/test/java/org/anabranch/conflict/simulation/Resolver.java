package org.anabranch.conflict.simulation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.RowEntry;
import org.anabranch.conflict.RowResolver;
import org.anabranch.conflict.Stamp;
import org.jspecify.annotations.Nullable;

/** A region's resolver between its start and its death, which it may sleep through. */
final class Resolver {

    private final Region region;
    private final World world;
    private final RowResolver rows;
    private final int generation;
    private final Map<String, Integer> positions = new HashMap<>();
    private final Map<String, RowEntry> entries = new HashMap<>();
    private final Map<String, Context> shown = new HashMap<>();
    private final Map<String, Integer> merged = new HashMap<>();
    private Context read = Context.NOTHING;

    /** What stood in each topic when it began. */
    private final Map<String, Integer> ends = new HashMap<>();

    private final Map<String, Stamp> marks = new HashMap<>();

    private Committed committed = new Committed(Map.of(), Map.of(), Map.of(), Context.NOTHING, Map.of(), 0);

    /** @param flushed how much of what it wrote is certain to be there */
    private record Committed(
            Map<String, Integer> positions,
            Map<String, RowEntry> entries,
            Map<String, Context> shown,
            Context read,
            Map<String, Integer> merged,
            int flushed) {}

    Resolver(Region region, int generation) {
        this.region = region;
        this.generation = generation;
        world = region.world;
        rows = new RowResolver(region.name, world.table.merge());
    }

    boolean isDone() {
        for (String origin : World.NAMES) { // asked after every step, and no stream for that
            if (position(origin) < region.topic(origin).size()) {
                return false;
            }
        }
        return true;
    }

    private int position(String origin) {
        return positions.getOrDefault(origin, 0);
    }

    void step(String origin) {
        List<LogRecord> topic = region.topic(origin);
        int position = position(origin);
        if (position >= topic.size()) {
            return;
        }
        LogRecord record = topic.get(position);
        positions.put(origin, position + 1);
        if (record.isMarker()) {
            show(origin, record);
            read = read.with(record.stamp());
            region.resolved.add(new Resolved.Marker(generation, record));
        } else if (!world.has(Bug.RESOLVER_DROPS_REPEATS) || isNew(origin, record)) {
            resolve(record, position < ends.getOrDefault(origin, 0));
            show(origin, record);
        }
        if (world.choices.oneIn(world.habits.resolverCommitsOneIn())) {
            commit();
        }
        if (world.choices.oneIn(5)) {
            settle();
        }
    }

    private boolean isNew(String origin, LogRecord record) {
        Stamp mark = marks.get(origin);
        if (mark != null && mark.compareTo(record.stamp()) >= 0) {
            return false;
        }
        marks.put(origin, record.stamp());
        return true;
    }

    /**
     * What every change that is still to come from there has in its context. Of the region itself only what its applier has been
     * through: what it wrote itself stands in the database, and the answer to it may not.
     */
    private void show(String origin, LogRecord record) {
        boolean isOwn = origin.equals(region.name) && !world.has(Bug.STABLE_BEFORE_ITS_OWN_DATABASE_HAS_IT);
        Context context = isOwn ? record.context() : record.context().with(record.stamp());
        shown.merge(origin, context, Context::join);
    }

    private Context stable() {
        return switch (world.bug) {
            case STABLE_WITHOUT_ONE_REGION -> shownByAll(List.of(region.name, "hub"));
            case STABLE_BY_THE_LEAST_OF_WHAT_REGIONS_HOLD -> leastOfWhatRegionsHold();
            case STABLE_BY_STREAMS_ALONE -> everythingRead();
            default -> shownByAll(World.NAMES);
        };
    }

    private Context shownByAll(List<String> origins) {
        Context stable = null;
        for (String origin : origins) {
            Context shownBy = shown.getOrDefault(origin, Context.NOTHING);
            stable = stable == null ? shownBy : stable.meet(shownBy);
        }
        return Objects.requireNonNull(stable);
    }

    private Context leastOfWhatRegionsHold() {
        long least = world.regions.stream()
                .mapToLong(other -> other.applier.leastHeld())
                .min()
                .orElse(0);
        return Context.of(World.NAMES.stream()
                .map(origin -> new Stamp(least, Integer.MAX_VALUE, origin))
                .toList());
    }

    private Context everythingRead() {
        return Context.of(positions.keySet().stream()
                .flatMap(origin -> region.topic(origin).subList(0, position(origin)).stream())
                .map(LogRecord::stamp)
                .toList());
    }

    private void resolve(LogRecord record, boolean mayBeRepeat) {
        String key = record.key();
        RowEntry entry = remembered(key);
        RowResolver.Resolved resolved = rows.resolve(
                entry,
                record.change(),
                record.commitMicros(),
                stable(),
                read,
                mayBeRepeat && !world.has(Bug.RESOLVER_TRUSTS_ITS_MEMORY_AFTER_A_START));
        resolved.entry().ifPresentOrElse(left -> entries.put(key, left), () -> entries.remove(key));
        boolean isEcho = region.owns(record);
        if (isEcho && world.has(Bug.NO_ECHO_FOR_CONTESTED_ROWS)) {
            return;
        }
        boolean isContested = entry != null && entry.contested();
        if (isEcho && !isContested && world.has(Bug.NO_ANSWER_TO_WHAT_ONE_REGION_ALONE_WRITES)) {
            entries.computeIfPresent(key, (same, left) -> uncontested(left));
            return;
        }
        if (isEcho) {
            merged.merge(key, record.wal() + 1, Math::max);
        }
        int upTo = merged.getOrDefault(key, 0);
        world.tell(
                region,
                () -> "resolver " + generation + " takes " + key + " of " + Telling.of(record.stamp()) + ", answers "
                        + resolved.answer().map(Telling::of).orElse("nothing"));
        resolved.answer().ifPresent(answer -> region.resolved.add(new Resolved.Row(generation, key, answer, upTo)));
    }

    private static RowEntry uncontested(RowEntry entry) {
        return new RowEntry(
                entry.state(), false, entry.believedThere(), entry.seenMicros(), entry.merged(), entry.recent());
    }

    private @Nullable RowEntry remembered(String key) {
        RowEntry entry = entries.get(key);
        return entry == null || !world.has(Bug.REPEATS_OF_WHAT_IS_SUMMED_UP_COUNT)
                ? entry
                : new RowEntry(
                        entry.state(),
                        entry.contested(),
                        entry.believedThere(),
                        entry.seenMicros(),
                        Context.NOTHING,
                        entry.recent());
    }

    private void settle() {
        Context stable = stable();
        long past = world.has(Bug.COUNTS_ARE_SUMMED_UP_TOO_EARLY)
                ? RowResolver.pastMicros(
                        read, read.stamps().stream().map(Stamp::origin).toList())
                : RowResolver.pastMicros(read, World.NAMES);
        for (String key : world.table.keys()) {
            RowEntry entry = entries.get(key);
            if (entry != null) {
                rows.settle(entry, stable, past).ifPresentOrElse(settled -> entries.put(key, settled), () -> {
                    entries.remove(key);
                    bury(key, stable);
                });
            }
        }
    }

    /** What was forgotten must never be seen again. */
    private void bury(String key, Context stable) {
        world.truth.changesOf(key).stream()
                .filter(change -> !change.isDelete() && stable.covers(change.stamp()))
                .forEach(change -> region.database.bury(change.after().get(Table.ID)));
    }

    private void commit() {
        committed = new Committed(
                Map.copyOf(positions),
                Map.copyOf(entries),
                Map.copyOf(shown),
                read,
                Map.copyOf(merged),
                region.resolved.size());
    }

    /** What takes its place, from what is durable: offsets, and a state that may be ahead of them. */
    Resolver successor(boolean losesAnswers) {
        region.tell("resolver " + generation + (losesAnswers ? " is killed" : " falls asleep"));
        boolean isAhead = world.choices.either();
        if (losesAnswers) {
            loseAnswers();
        }
        int last = region.resolved.stream().mapToInt(Resolved::generation).max().orElse(0);
        Resolver next = new Resolver(region, last + 1);
        World.NAMES.forEach(origin -> next.ends.put(origin, region.topic(origin).size()));
        next.entries.putAll(isAhead ? entries : committed.entries());
        next.shown.putAll(isAhead ? shown : committed.shown());
        next.read = isAhead ? read : committed.read();
        next.merged.putAll(isAhead ? merged : committed.merged());
        next.marks.putAll(marks);
        next.positions.putAll(world.has(Bug.STATE_AHEAD_OF_ITS_ANSWERS) ? positions : committed.positions());
        if (world.has(Bug.RESOLVER_STARTS_ONE_LATE)) {
            next.positions.replaceAll((origin, position) ->
                    Math.min(position + 1, region.topic(origin).size()));
        }
        region.resolved.add(new Resolved.Begins(next.generation));
        next.commit();
        return next;
    }

    /** Some of the last that it wrote, and nobody has read. */
    private void loseAnswers() {
        List<Resolved> topic = region.resolved;
        int keep = Math.max(region.applier.position(), committed.flushed());
        int from = topic.size();
        while (from > keep && topic.get(from - 1).generation() == generation) {
            from--;
        }
        from += world.choices.below(topic.size() - from + 1);
        topic.subList(from, topic.size()).clear();
    }
}
