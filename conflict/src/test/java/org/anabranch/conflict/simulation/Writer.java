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
        List<String> chosen = new ArrayList<>(world.table.keys());
        while (chosen.size() > 1 && choices.below(3) > 0) {
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
            Values after = before != null && choices.below(4) == 0 ? null : changed(before, id);
            rows.add(write(key, before, after, commit));
        }
        region.wal.add(new Transaction(commit, rows));
    }

    private RowWrite write(String key, @Nullable Values before, @Nullable Values after, long commit) {
        int wal = region.wal.size();
        world.tell(region, () -> "writes " + key + " " + before + " -> " + after + " at WAL " + wal);
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
        if (choices.below(3) == 0 && !tags.remove(tag)) {
            tags.add(tag);
        }
        return Values.of(id, count, Tags.format(tags));
    }

    /** A transaction without rows, so that a marker follows. */
    void beat() {
        region.wal.add(new Transaction(region.commitTime(), List.of()));
    }

    void rewriteTheTable() {
        region.database.rewrite(region.commitTime());
    }
}
