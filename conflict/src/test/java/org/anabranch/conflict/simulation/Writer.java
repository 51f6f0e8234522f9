package org.anabranch.conflict.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.anabranch.conflict.Values;
import org.anabranch.conflict.simulation.WalEntry.RowWrite;
import org.anabranch.conflict.simulation.WalEntry.Transaction;
import org.jspecify.annotations.Nullable;

/** The applications of a region: transactions that change some of the rows that are there. */
final class Writer {

    private final Region region;
    private final World world;
    private final Choices choices;
    private int writes;

    Writer(Region region) {
        this.region = region;
        world = region.world;
        choices = world.choices;
    }

    void write() {
        if (choices.oneIn(6) && move()) {
            return;
        }
        List<String> chosen = new ArrayList<>(world.table.keys());
        while (chosen.size() > 1 && !choices.oneIn(3)) {
            chosen.remove(choices.below(chosen.size()));
        }
        long commit = region.commitTime();
        List<RowWrite> rows = new ArrayList<>();
        for (String key : chosen) {
            String id = region.name + writes++;
            Values before = region.database.row(key).orElse(null);
            if (before != null) {
                world.truth.sees(id, before);
            }
            Values after = before != null && choices.oneIn(4) ? null : changed(before, id);
            if (after != null && !region.database.holders(key, after).isEmpty()) {
                after = withoutUniqueValues(after);
            }
            rows.add(write(key, before, after, commit));
        }
        region.wal.add(new Transaction(commit, rows));
    }

    /** An update of a primary key: at capture a delete and an insert. */
    private boolean move() {
        List<String> there = new ArrayList<>(world.table.keys());
        List<String> free = new ArrayList<>(there);
        there.removeIf(key -> region.database.get(key) == null);
        free.removeAll(there);
        if (there.isEmpty() || free.isEmpty()) {
            return false;
        }
        String from = choices.oneOf(there);
        String to = choices.oneOf(free);
        Values before = region.database.row(from).orElseThrow();
        Values after = withoutUniqueValues(changed(before, region.name + writes++));
        long commit = region.commitTime();
        region.wal.add(
                new Transaction(commit, List.of(write(from, before, null, commit), write(to, null, after, commit))));
        return true;
    }

    private RowWrite write(String key, @Nullable Values before, @Nullable Values after, long commit) {
        int wal = region.wal.size();
        world.tell(
                region,
                () -> "writes " + key + ": " + Telling.of(before) + " -> " + Telling.of(after) + ", at " + commit
                        + ", WAL " + wal);
        region.database.writeLocally(key, after, commit, wal);
        return new RowWrite(key, before, after);
    }

    private Values changed(@Nullable Values before, String id) {
        String count = before == null ? "0" : before.get(Table.COUNT);
        if (choices.either()) {
            count = Integer.toString(Integer.parseInt(count) + 1 + choices.below(9));
        }
        Set<String> tags = new TreeSet<>(before == null ? List.of() : Tags.parse(before.get(Table.TAGS)));
        String tag = "t" + choices.below(3);
        if (choices.oneIn(3) && !tags.remove(tag)) {
            tags.add(tag);
        }
        boolean isTopLeft = before != null && choices.either();
        String top = isTopLeft ? before.get(Table.TOP) : Integer.toString(choices.below(10));
        return Values.of(id, count, Tags.format(tags), top, unique(before, Table.ONE), unique(before, Table.OTHER));
    }

    private @Nullable String unique(@Nullable Values before, int column) {
        if (!world.table.isUnique()) {
            return null;
        }
        return before != null && choices.either() ? before.get(column) : Integer.toString(choices.below(3));
    }

    private static Values withoutUniqueValues(Values row) {
        return Values.of(row.get(Table.ID), row.get(Table.COUNT), row.get(Table.TAGS), row.get(Table.TOP), null, null);
    }

    /** A transaction without rows, so that a marker follows. */
    void beat() {
        region.wal.add(new Transaction(region.commitTime(), List.of()));
    }

    void rewriteTheTable() {
        region.database.rewrite(region.commitTime());
    }
}
