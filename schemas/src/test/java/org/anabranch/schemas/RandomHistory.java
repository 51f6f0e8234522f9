package org.anabranch.schemas;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.RowChange;
import org.anabranch.conflict.RowMerge;
import org.anabranch.conflict.RowState;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.Values;

/** Changes to one row by several regions that hear of each other now and then, and the states that come of them. */
final class RandomHistory {

    private static final List<String> REGIONS = List.of("eu", "hub", "us");

    private final Random random;
    private final RowMerge merge;
    private final Function<Random, Values> rows;
    private final List<Region> regions = new ArrayList<>();
    private final List<RowChange> changes = new ArrayList<>();
    private long now = 1_700_000_000_000_000L;

    private static final class Region {
        final String name;
        Optional<RowState> state = Optional.empty();
        Context seen = Context.NOTHING;

        Region(String name) {
            this.name = name;
        }
    }

    RandomHistory(Random random, RowMerge merge, Function<Random, Values> rows, int steps) {
        this.random = random;
        this.merge = merge;
        this.rows = rows;
        REGIONS.forEach(name -> regions.add(new Region(name)));
        change(regions.getFirst());
        for (int i = 0; i < steps; i++) {
            Region region = regions.get(random.nextInt(regions.size()));
            if (random.nextBoolean()) {
                change(region);
            } else {
                hear(region, regions.get(random.nextInt(regions.size())));
            }
        }
    }

    List<RowChange> changes() {
        return changes;
    }

    /** Of single changes, of some that came out of order, and what the regions have, before and after they forget. */
    List<RowState> states() {
        List<RowState> states = new ArrayList<>(changes.stream().map(merge::of).toList());
        changes.stream()
                .filter(change -> random.nextBoolean())
                .map(merge::of)
                .reduce(merge::merge)
                .ifPresent(states::add);
        Context stable = regions.stream()
                .map(region -> region.seen)
                .reduce(Context::meet)
                .orElseThrow();
        for (Region region : regions) {
            region.state.ifPresent(states::add);
            region.state.flatMap(state -> merge.settle(state, stable, -1)).ifPresent(states::add);
        }
        return states;
    }

    private void change(Region region) {
        now += 1 + random.nextInt(1 << 20);
        Stamp stamp = new Stamp(now, random.nextInt(2), region.name);
        Optional<Values> row = region.state.flatMap(merge::read);
        RowChange change;
        if (row.isEmpty()) {
            change = RowChange.insert(stamp, region.seen, rows.apply(random));
        } else if (random.nextInt(4) == 0) {
            change = RowChange.delete(stamp, region.seen, row.get());
        } else {
            change = RowChange.update(stamp, region.seen, row.get(), rows.apply(random));
        }
        changes.add(change);
        learn(region, merge.of(change), Context.of(stamp));
    }

    private void hear(Region region, Region of) {
        of.state.ifPresent(state -> learn(region, state, of.seen));
    }

    private void learn(Region region, RowState state, Context seen) {
        region.state =
                Optional.of(region.state.map(known -> merge.merge(known, state)).orElse(state));
        region.seen = region.seen.join(seen);
    }
}
