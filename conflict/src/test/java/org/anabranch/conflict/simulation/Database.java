package org.anabranch.conflict.simulation;

import java.util.HashMap;
import java.util.HashSet;
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
     * @param wal what wrote it; none where an applier did
     * @param shown what of other regions is in it
     * @param serial makes it different from any other
     */
    record Version(Values row, boolean byApplier, long commitMicros, int wal, Context shown, int serial) {}

    /** A local delete: where it stands in the WAL, and of what. */
    record Deletion(int wal, Version of) {}

    private final String region;
    private final Map<String, Version> rows = new HashMap<>();
    private final Map<String, Deletion> deletions = new HashMap<>();
    private final Set<String> buried = new HashSet<>();
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

    void writeLocally(String key, @Nullable Values row, long commit, int wal) {
        Version present = rows.get(key);
        if (row == null) {
            rows.remove(key);
            deletions.put(key, new Deletion(wal, present));
        } else {
            Context shown = present == null ? Context.NOTHING : present.shown();
            rows.put(key, new Version(row, false, commit, wal, shown, serial++));
        }
    }

    void apply(String key, Optional<Values> row, Context shown) {
        if (row.isEmpty()) {
            rows.remove(key);
            return;
        }
        if (buried.contains(row.get().get(Table.ID))) {
            throw new AssertionError(
                    row.get() + " came back to " + region + ", where it had been deleted and forgotten");
        }
        rows.put(key, new Version(row.get(), true, 0, NOWHERE, shown, serial++));
    }

    /** ALTER TABLE writes every row anew, and nothing of it stands in what capture reads. */
    void rewrite(long commit) {
        rows.replaceAll(
                (key, version) -> new Version(version.row(), false, commit, version.wal(), version.shown(), serial++));
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
