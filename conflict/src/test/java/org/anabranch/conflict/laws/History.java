package org.anabranch.conflict.laws;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.RowChange;
import org.anabranch.conflict.RowMerge;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.Values;

/**
 * Changes to one row by several regions that hear of each other now and then, with clocks that differ: as they could have come
 * about, whatever the policies are. What a region claims to have seen may be less than what it has.
 */
public final class History {

    private static final List<String> REGIONS = List.of("eu", "hub", "us");
    private static final int SKEW_TICKS = 50;

    /** So that changes are of more than one stretch of time. */
    private static final long TICK_MICROS = 100_000;

    private final Random random;
    private final RowMerge merge;
    private final Function<Random, Values> rows;
    private final List<Region> regions = new ArrayList<>();
    private final List<RowChange> changes = new ArrayList<>();
    private long now = 1_000;

    /** A region's knowledge. */
    private static final class Region {
        final String name;
        final long skew;
        final List<Integer> heardOf = new ArrayList<>(List.of(0, 0, 0));
        final List<RowChange> own = new ArrayList<>();
        final List<RowChange> seen = new ArrayList<>();
        Context claimed = Context.NOTHING;
        long lastMicros;

        Region(String name, long skew) {
            this.name = name;
            this.skew = skew;
        }
    }

    /** @param rows makes a row's values out of chance */
    public History(Random random, RowMerge merge, Function<Random, Values> rows) {
        this.random = random;
        this.merge = merge;
        this.rows = rows;
        REGIONS.forEach(name -> regions.add(new Region(name, random.nextInt(2 * SKEW_TICKS) - SKEW_TICKS)));
    }

    /** Lets some time pass, and gives all changes so far in the order in which they were made. */
    public List<RowChange> goOn(int steps) {
        for (int i = 0; i < steps; i++) {
            now += random.nextInt(20);
            Region region = regions.get(random.nextInt(regions.size()));
            if (random.nextInt(2) == 0) {
                change(region);
            } else {
                hear(region, random.nextInt(regions.size()));
            }
        }
        return changes;
    }

    /** What every change that is still to be made will claim to have seen. */
    public Context stable() {
        return regions.stream().map(this::claim).reduce(Context::meet).orElseThrow();
    }

    private Context claim(Region region) {
        return region.own.isEmpty()
                ? region.claimed
                : region.claimed.with(region.own.getLast().stamp());
    }

    private void change(Region region) {
        region.lastMicros = Math.max((now + region.skew) * TICK_MICROS, region.lastMicros + 1);
        Stamp stamp = new Stamp(region.lastMicros, random.nextInt(2), region.name);
        Optional<Values> row =
                region.seen.stream().map(merge::of).reduce(merge::merge).flatMap(merge::read);
        RowChange change;
        if (row.isEmpty()) {
            change = RowChange.insert(stamp, region.claimed, rows.apply(random));
        } else if (random.nextInt(4) == 0) {
            change = RowChange.delete(stamp, region.claimed, row.get());
        } else {
            change = RowChange.update(stamp, region.claimed, row.get(), changed(row.get()));
        }
        changes.add(change);
        region.own.add(change);
        region.seen.add(change);
    }

    /** Some columns of a row. */
    private Values changed(Values row) {
        Values other = rows.apply(random);
        String[] texts = new String[row.size()];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = random.nextInt(3) == 0 ? other.get(i) : row.get(i);
        }
        return Values.of(texts);
    }

    private void hear(Region region, int of) {
        List<RowChange> theirs = regions.get(of).own;
        int from = region.heardOf.get(of);
        if (regions.get(of) == region || from == theirs.size()) {
            return;
        }
        int to = from + 1 + random.nextInt(theirs.size() - from);
        region.seen.addAll(theirs.subList(from, to));
        region.heardOf.set(of, to);
        theirs.subList(from, to)
                .forEach(change -> region.lastMicros =
                        Math.max(region.lastMicros, change.stamp().hybridMicros()));
        if (random.nextInt(4) > 0) {
            region.claimed = region.claimed.with(theirs.get(to - 1).stamp());
        }
    }
}
