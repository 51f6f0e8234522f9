package org.anabranch.conflict.simulation;

import java.util.HashMap;
import java.util.Map;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.HybridClock;
import org.anabranch.conflict.RowChange;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.simulation.WalEntry.ClockRow;
import org.anabranch.conflict.simulation.WalEntry.RowWrite;
import org.anabranch.conflict.simulation.WalEntry.Transaction;

/** From a region's WAL to its topic of changes, with stamps and contexts. */
final class Capture {

    /** What it goes on from, stored with the position that it confirms. */
    private record State(int position, long hybrid, Context context, Map<String, Context> ofRows) {}

    private final Region region;
    private final World world;
    private State state = new State(0, 0, Context.NOTHING, Map.of());
    private State confirmed = state;

    Capture(Region region) {
        this.region = region;
        world = region.world;
    }

    boolean isDone() {
        return state.position() == region.wal.size();
    }

    void step() {
        if (isDone()) {
            return;
        }
        HybridClock clock = new HybridClock(state.hybrid());
        switch (region.wal.get(state.position())) {
            case ClockRow row -> observe(clock, row);
            case Transaction transaction -> capture(clock, transaction);
        }
        boolean isMarked = world.choices.oneIn(3) || isDone();
        if (isMarked) {
            Stamp upTo = new Stamp(clock.lastMicros(), Integer.MAX_VALUE, region.name);
            region.log.add(new LogRecord(upTo, null, null, 0, state.context(), state.position()));
            if (world.choices.either()) {
                confirmed = state;
            }
        }
    }

    private void observe(HybridClock clock, ClockRow row) {
        if (!world.has(Bug.CLOCK_ROW_LEFT_OUT)) {
            clock.observe(row.newest().hybridMicros());
        }
        Context context = state.context().join(row.context());
        Map<String, Context> ofRows = new HashMap<>(state.ofRows());
        row.ofRows().forEach((key, ofRow) -> ofRows.merge(key, ofRow, Context::join));
        ofRows.values().removeIf(context::covers);
        state = new State(state.position() + 1, clock.lastMicros(), context, Map.copyOf(ofRows));
    }

    private void capture(HybridClock clock, Transaction transaction) {
        long hybrid = clock.next(transaction.commitMicros());
        for (int number = 0; number < transaction.rows().size(); number++) {
            capture(transaction, new Stamp(hybrid, number, region.name));
        }
        state = new State(state.position() + 1, hybrid, state.context(), state.ofRows());
    }

    private void capture(Transaction transaction, Stamp stamp) {
        RowWrite row = transaction.rows().get(stamp.number());
        RowChange change = new RowChange(stamp, contextOf(row.key()), row.before(), row.after());
        region.log.add(
                new LogRecord(stamp, row.key(), change, transaction.commitMicros(), state.context(), state.position()));
        world.truth.captured(region.name + state.position() + "/" + stamp.number(), row.key(), change);
    }

    /** What the region held, and what the row showed before that. */
    private Context contextOf(String key) {
        if (world.has(Bug.CONTEXT_LEFT_OUT)) {
            return Context.NOTHING;
        }
        return world.has(Bug.CONTEXT_OF_ROWS_LEFT_OUT)
                ? state.context()
                : state.context().join(state.ofRows().getOrDefault(key, Context.NOTHING));
    }

    void restart() {
        region.tell("capture is killed");
        State from = confirmed;
        if (world.has(Bug.CAPTURE_STARTS_ONE_LATE) && from.position() < state.position()) {
            from = new State(from.position() + 1, from.hybrid(), from.context(), from.ofRows());
        }
        if (world.has(Bug.CAPTURE_FORGETS_ITS_CLOCK)) {
            from = new State(from.position(), 0, from.context(), from.ofRows());
        }
        state = from;
    }
}
