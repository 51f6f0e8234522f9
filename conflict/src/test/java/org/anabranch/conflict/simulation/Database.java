package org.anabranch.conflict.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Values;
import org.jspecify.annotations.Nullable;

/** A region's rows, with what PostgreSQL knows about their versions, and what only the simulation does. */
final class Database {

    private static final int NOWHERE = -1;

    /**
     * @param commitMicros of the transaction that wrote it; null if nobody knows any more
     * @param wal what wrote it; none where an applier did
     * @param shown what of other regions is in it
     * @param serial makes it different from any other
     */
    record Version(Values row, boolean byApplier, @Nullable Long commitMicros, int wal, Context shown, int serial) {}

    /** A local delete: where it stands in the WAL, and of what. */
    record Deletion(int wal, Version of) {}

    private final String region;
    private final Map<String, Version> rows = new HashMap<>();
    private final Map<String, Deletion> deletions = new HashMap<>();
    private final Set<String> buried = new HashSet<>();
    private final Set<String> locked = new HashSet<>();
    private int serial;

    Database(String region) {
        this.region = region;
    }

    @Nullable
    Version get(String key) {
        return rows.get(key);
    }

    Optional<Values> row(String key) {
        return Optional.ofNullable(rows.get(key)).map(Version::row);
    }

    /** The newest local delete. */
    @Nullable
    Deletion deletion(String key) {
        return deletions.get(key);
    }

    void writeLocally(String key, @Nullable Values row, @Nullable Long commit, int wal) {
        Version present = rows.get(key);
        if (row == null) {
            rows.remove(key);
            deletions.put(key, new Deletion(wal, present));
        } else {
            Context shown = present == null ? Context.NOTHING : present.shown();
            rows.put(key, new Version(row, false, commit, wal, shown, serial++));
        }
    }

    /** A row that is as it is wanted already stays what it is, and written by who wrote it. */
    void apply(String key, Optional<Values> row, Context shown) {
        if (row.isEmpty()) {
            rows.remove(key);
            return;
        }
        Version same = rows.get(key);
        if (same != null && same.row().equals(row.get())) {
            Context both = same.shown().join(shown);
            rows.put(
                    key,
                    new Version(same.row(), same.byApplier(), same.commitMicros(), same.wal(), both, same.serial()));
            return;
        }
        if (!holders(key, row.get()).isEmpty()) {
            throw new AssertionError(row.get() + " violates a unique constraint in " + region);
        }
        if (buried.contains(row.get().get(Table.ID))) {
            throw new AssertionError(
                    row.get() + " came back to " + region + ", where it had been deleted and forgotten");
        }
        rows.put(key, new Version(row.get(), true, 0L, NOWHERE, shown, serial++));
    }

    /** Rows that have a value which this one may not have beside them. */
    List<String> holders(String key, Values row) {
        List<String> holders = new ArrayList<>();
        rows.forEach((other, version) -> {
            if (!other.equals(key) && Table.collide(version.row(), row)) {
                holders.add(other);
            }
        });
        return holders;
    }

    /** ALTER TABLE writes every row anew, and nothing of it stands in what capture reads. */
    void rewrite(long commit) {
        rows.replaceAll(
                (key, version) -> new Version(version.row(), false, commit, version.wal(), version.shown(), serial++));
    }

    /** VACUUM FULL puts every row somewhere else. */
    void moveRows() {
        rows.replaceAll((key, version) -> new Version(
                version.row(), version.byApplier(), version.commitMicros(), version.wal(), version.shown(), serial++));
    }

    /** A local transaction that has not ended yet has written the row. */
    void lock(String key) {
        locked.add(key);
    }

    void unlock(String key) {
        locked.remove(key);
    }

    boolean isLocked(String key) {
        return locked.contains(key);
    }

    /** The row with this ID has been deleted and forgotten. */
    void bury(String id) {
        buried.add(id);
    }

    Map<String, Version> snapshot() {
        return Map.copyOf(rows);
    }

    /** A transaction that did not commit. */
    void rollBack(Map<String, Version> snapshot) {
        rows.clear();
        rows.putAll(snapshot);
    }
}
