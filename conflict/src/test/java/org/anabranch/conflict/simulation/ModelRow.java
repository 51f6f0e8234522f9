package org.anabranch.conflict.simulation;

import java.util.List;
import java.util.Optional;
import org.anabranch.conflict.Answer;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.Values;
import org.jspecify.annotations.Nullable;

/** The simulation's own: its database and its applier, in a world in which nothing is left to chance. */
public final class ModelRow implements GuardedRow {

    private static final String KEY = "a";

    private final Region region = new World(Choices.of(new Schedule(List.of())), Bug.NONE, false).regions.getFirst();
    private @Nullable String begun;
    private long clock = 1_000;
    private long commit;
    private int answers;

    private ModelRow() {}

    public static ModelRow absent() {
        return new ModelRow();
    }

    /** By a transaction of which nobody knows any more when it was. */
    public static ModelRow writtenLongAgo(String value) {
        ModelRow row = new ModelRow();
        row.region.database.writeLocally(KEY, row.values(value), null, -1);
        return row;
    }

    @Override
    public @Nullable String value() {
        return region.database.row(KEY).map(row -> row.get(Table.ID)).orElse(null);
    }

    @Override
    public void writeLocally(@Nullable String value) {
        clock += 10;
        commit = clock;
        region.database.writeLocally(KEY, value == null ? null : values(value), commit, region.wal.size());
    }

    @Override
    public void beginToWrite(@Nullable String value) {
        begun = value;
        region.database.lock(KEY);
    }

    @Override
    public void commit() {
        rollBack();
        writeLocally(begun);
    }

    @Override
    public void rollBack() {
        region.database.unlock(KEY);
    }

    @Override
    public long commitMicros() {
        return commit;
    }

    @Override
    public void rewriteTable() {
        clock += 10;
        region.database.rewrite(clock);
    }

    @Override
    public void moveRows() {
        region.database.moveRows();
    }

    @Override
    public boolean apply(@Nullable String value, long seenMicros, boolean mayBeDeletedUnseen) {
        Optional<Values> row = Optional.ofNullable(value).map(this::values);
        Context context = Context.of(new Stamp(++answers, 0, "us"));
        Answer answer = new Answer(row, seenMicros, mayBeDeletedUnseen, context, null);
        return isDone(new Resolved.Row(0, KEY, answer, Integer.MAX_VALUE));
    }

    @Override
    public boolean lookAgain() {
        Stamp upTo = new Stamp(++answers, Integer.MAX_VALUE, region.name);
        return isDone(new Resolved.Marker(0, new LogRecord(upTo, null, null, 0, Context.NOTHING, region.wal.size())));
    }

    private boolean isDone(Resolved next) {
        region.resolved.add(next);
        region.applier.step();
        return !region.applier.waitsForAMarker();
    }

    private Values values(String value) {
        return Values.of(value, "0", "{}", "0", null, null);
    }
}
