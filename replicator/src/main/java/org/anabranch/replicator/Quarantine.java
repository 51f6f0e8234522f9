package org.anabranch.replicator;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.anabranch.schemas.Bundle;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.RecordKey;
import org.anabranch.schemas.RegionStatus.QuarantineStatus;
import org.anabranch.schemas.TableName;

/**
 * Changes that the target would not take, in a table of its own, written in the transaction that would have applied them.
 * Later changes of such a key follow it there, so that nothing is applied over what is missing.
 */
final class Quarantine {

    /** With more it is no longer one bad row: the part fails, and asks for a person. */
    static final int CHANGES_MAX = 100_000;

    /** The same for one table. */
    static final int CHANGES_OF_A_TABLE_MAX = 10_000;

    private static final String INSERT = """
            INSERT INTO anabranch.quarantine
                (table_schema, table_name, key, key_text, operation, origin, hybrid_time, number, change, error)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";

    private static final String INSERT_UNREADABLE = """
            INSERT INTO anabranch.quarantine
                (table_schema, table_name, key, key_text, operation, origin, hybrid_time, number, change, error)
            SELECT ?, ?, ?, '', 'UNREADABLE', '', 0, 0, ?, ?
            WHERE NOT EXISTS (SELECT FROM anabranch.quarantine WHERE operation = 'UNREADABLE' AND change = ?)""";

    private final RecordCodec codec = new RecordCodec();
    private final Set<ByteBuffer> keys = new HashSet<>();
    private final Map<TableName, QuarantineStatus> ofTables = new ConcurrentHashMap<>();
    private long changes;

    /** What the table holds; to be called again after a rollback. */
    void load(Connection connection) throws SQLException {
        Map<TableName, QuarantineStatus> read = new HashMap<>();
        keys.clear();
        changes = 0;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT table_schema, table_name, key, error FROM anabranch.quarantine ORDER BY id")) {
            while (rows.next()) {
                keys.add(ByteBuffer.wrap(rows.getBytes(3)));
                count(read, new TableName(rows.getString(1), rows.getString(2)), rows.getString(4));
                changes++;
            }
        }
        ofTables.keySet().retainAll(read.keySet());
        ofTables.putAll(read);
    }

    private static void count(Map<TableName, QuarantineStatus> ofTables, TableName table, String error) {
        ofTables.merge(
                table,
                new QuarantineStatus(table.toString(), 1, error),
                (old, one) -> new QuarantineStatus(old.table(), old.changes() + 1, error));
    }

    boolean holds(byte[] key) {
        return !keys.isEmpty() && keys.contains(ByteBuffer.wrap(key));
    }

    /** Takes a row's changes out, in the caller's transaction: what is written now is newer than all of them. */
    void remove(Connection connection, byte[] key) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM anabranch.quarantine WHERE key = ?")) {
            statement.setBytes(1, key);
            statement.executeUpdate();
        }
        load(connection);
    }

    /** Writes one, in the caller's transaction. */
    void add(Connection connection, PendingChange pending, String error) throws SQLException, PartFailedException {
        Change change = pending.change();
        TableName table = tableOf(pending.key());
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            statement.setBytes(3, pending.key());
            statement.setString(4, keyText(pending.key()));
            statement.setString(5, change.operation().name());
            statement.setString(6, change.origin());
            statement.setLong(7, change.hybridMicros());
            statement.setInt(8, change.number());
            statement.setBytes(9, codec.encode(Bundle.of(pending.key(), change)));
            statement.setString(10, storable(error));
            statement.executeUpdate();
        }
        keys.add(ByteBuffer.wrap(pending.key()));
        count(ofTables, table, error);
        changes++;
        failIfFull(table, error);
    }

    /** Writes a record that is no change; once, however often it is read. */
    void addUnreadable(Connection connection, byte[] key, byte[] value, String error)
            throws SQLException, PartFailedException {
        TableName table = tableOf(key);
        try (PreparedStatement statement = connection.prepareStatement(INSERT_UNREADABLE)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            statement.setBytes(3, key);
            statement.setBytes(4, value);
            statement.setString(5, storable(error));
            statement.setBytes(6, value);
            statement.executeUpdate();
        }
        keys.add(ByteBuffer.wrap(key));
        count(ofTables, table, error);
        changes++;
        failIfFull(table, error);
    }

    /** The database holds no zero characters. */
    private static String keyText(byte[] key) {
        try {
            return storable(String.join(", ", RecordKey.decode(key).values()));
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static String storable(String text) {
        return text.replace('\0', ' ');
    }

    private static TableName tableOf(byte[] key) {
        try {
            TableName table = RecordKey.decode(key).table();
            return new TableName(storable(table.schema()), storable(table.table()));
        } catch (IllegalArgumentException e) {
            return new TableName("", "");
        }
    }

    private void failIfFull(TableName table, String error) throws PartFailedException {
        QuarantineStatus ofTable = ofTables.get(table);
        boolean tableIsFull = ofTable != null && ofTable.changes() > CHANGES_OF_A_TABLE_MAX;
        if (tableIsFull || changes > CHANGES_MAX) {
            throw new PartFailedException("more than " + (tableIsFull ? CHANGES_OF_A_TABLE_MAX : CHANGES_MAX)
                    + " changes would be in quarantine, the last of " + table + ": " + error
                    + ". Mend the table, apply or delete what is in anabranch.quarantine, and start the region again");
        }
    }

    /** Any thread may ask. */
    List<QuarantineStatus> status() {
        return List.copyOf(ofTables.values());
    }
}
