package org.anabranch.replicator;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.anabranch.conflict.Stamp;
import org.anabranch.schemas.Bundle;
import org.anabranch.schemas.Json;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.UnreadableRecordException;
import org.jspecify.annotations.Nullable;

/**
 * The merges that wait, by their rows' record keys: in memory, and in {@code anabranch.deferred}, written in the transactions that
 * store the progress past them.
 */
final class Deferrals {

    private static final String WRITE = """
            INSERT INTO anabranch.deferred (key, merge, looked_at, version, holds_back, since)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET merge = EXCLUDED.merge, looked_at = EXCLUDED.looked_at,
                version = EXCLUDED.version, holds_back = EXCLUDED.holds_back, since = EXCLUDED.since""";

    private final RecordCodec codec = new RecordCodec();
    private final Map<RowKey, Deferred> deferred = new LinkedHashMap<>();
    private final Set<RowKey> changed = new LinkedHashSet<>();

    private record HeldBack(Collection<Stamp> stamps) {}

    /** What the table holds; to be called again after a rollback. */
    void load(Connection connection) throws SQLException {
        deferred.clear();
        changed.clear();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT key, merge, looked_at, version, holds_back, since FROM anabranch.deferred")) {
            while (rows.next()) {
                deferred.put(new RowKey(rows.getBytes(1)), read(rows));
            }
        }
    }

    private Deferred read(ResultSet row) throws SQLException {
        try {
            byte[] bytes = row.getBytes(2);
            Bundle bundle = (Bundle) codec.decode(bytes);
            PendingChange merge = new PendingChange(
                    row.getBytes(1), bundle.changes().getFirst().change(), 0, bytes.length);
            HeldBack heldBack = Json.read(row.getString(5).getBytes(StandardCharsets.UTF_8), HeldBack.class);
            return new Deferred(
                    merge,
                    row.getLong(3),
                    row.getString(4),
                    heldBack.stamps().stream().collect(Collectors.toMap(Stamp::origin, stamp -> stamp)),
                    row.getLong(6));
        } catch (UnreadableRecordException e) {
            throw new SQLException("a row of anabranch.deferred cannot be read: " + e.getMessage(), e);
        }
    }

    boolean isEmpty() {
        return deferred.isEmpty();
    }

    int size() {
        return deferred.size();
    }

    @Nullable
    Deferred get(byte[] key) {
        return deferred.isEmpty() ? null : deferred.get(new RowKey(key));
    }

    void put(Deferred waiting) {
        RowKey key = new RowKey(waiting.merge().key());
        deferred.put(key, waiting);
        changed.add(key);
    }

    void remove(byte[] key) {
        if (!deferred.isEmpty() && deferred.remove(new RowKey(key)) != null) {
            changed.add(new RowKey(key));
        }
    }

    /** Those that were looked at before this position in the region's WAL. */
    List<Deferred> lookedAtUpTo(long walPosition) {
        return deferred.values().stream()
                .filter(waiting -> waiting.lookedAt() <= walPosition)
                .toList();
    }

    /** Those that have waited since then or longer. */
    List<Deferred> since(long millis) {
        return deferred.values().stream()
                .filter(waiting -> waiting.sinceMillis() <= millis)
                .toList();
    }

    /** By origin the first change that is not shown because something waits. */
    Map<String, Stamp> holdsBack() {
        Map<String, Stamp> first = new HashMap<>();
        for (Deferred waiting : deferred.values()) {
            first = Deferred.join(first, waiting.holdsBack());
        }
        return first;
    }

    /** Stores what has changed since the last time, in the caller's transaction. */
    void write(Connection connection) throws SQLException {
        if (changed.isEmpty()) {
            return;
        }
        try (PreparedStatement write = connection.prepareStatement(WRITE);
                PreparedStatement remove =
                        connection.prepareStatement("DELETE FROM anabranch.deferred WHERE key = ?")) {
            for (RowKey key : changed) {
                Deferred waiting = deferred.get(key);
                if (waiting == null) {
                    remove.setBytes(1, key.bytes());
                    remove.addBatch();
                } else {
                    bind(write, key.bytes(), waiting);
                    write.addBatch();
                }
            }
            write.executeBatch();
            remove.executeBatch();
        }
        changed.clear();
    }

    private void bind(PreparedStatement write, byte[] key, Deferred waiting) throws SQLException {
        byte[] heldBack = Json.write(new HeldBack(waiting.holdsBack().values()));
        write.setBytes(1, key);
        write.setBytes(2, codec.encode(Bundle.of(key, waiting.merge().change())));
        write.setLong(3, waiting.lookedAt());
        write.setObject(4, waiting.version(), Types.VARCHAR);
        write.setString(5, new String(heldBack, StandardCharsets.UTF_8));
        write.setLong(6, waiting.sinceMillis());
    }
}
