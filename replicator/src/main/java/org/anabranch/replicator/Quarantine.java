package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.anabranch.schemas.Bundle;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.RecordKey;
import org.anabranch.schemas.RegionStatus.QuarantineStatus;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.UnreadableRecordException;
import org.jspecify.annotations.Nullable;

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

    private static final String INSERT_OUTBOX = """
            INSERT INTO anabranch.quarantine_outbox (key, change, error, origin, table_name) VALUES (?, ?, ?, ?, ?)""";

    private static final String INSERT_UNREADABLE = """
            INSERT INTO anabranch.quarantine
                (table_schema, table_name, key, key_text, operation, origin, hybrid_time, number, change, error)
            SELECT ?, ?, ?, '', 'UNREADABLE', '', 0, 0, ?, ?
            WHERE NOT EXISTS (SELECT FROM anabranch.quarantine WHERE operation = 'UNREADABLE' AND change = ?)""";

    /** An operation of ours: a row that had to go, and comes back when there is room. */
    static final String DISPLACED = "DISPLACED";

    /** Of a change whose key has an earlier one here. */
    static final String FOLLOWS = "an earlier change of this key is in quarantine";

    private static final String SELECT_DISPLACED =
            "SELECT key, change FROM anabranch.quarantine WHERE operation = '" + DISPLACED + "' ORDER BY id";

    private final RecordCodec codec = new RecordCodec();
    private final TableRules rules;
    private final Map<RowKey, PendingChange> displaced = new LinkedHashMap<>();
    private final Map<RowKey, Integer> heldOfRows = new HashMap<>();
    private final Map<TableName, QuarantineStatus> ofTables = new ConcurrentHashMap<>();
    private Tally tally = new Tally();
    private long changes;
    private boolean isRetrying;
    private boolean mayHaveUnpublished;

    /** Rows are put aside, whatever their table. */
    Quarantine() {
        this(TableRules.all(TableRules.Rule.DEFAULT));
    }

    /** @param rules for which tables a row that is refused stops the applier instead */
    Quarantine(TableRules rules) {
        this.rules = rules;
    }

    /** What the table holds; to be called again after a rollback. */
    void load(Connection connection) throws SQLException {
        Map<TableName, QuarantineStatus> read = new HashMap<>();
        mayHaveUnpublished = true;
        heldOfRows.clear();
        changes = 0;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT table_schema, table_name, key, error FROM anabranch.quarantine ORDER BY id")) {
            while (rows.next()) {
                heldOfRows.merge(new RowKey(rows.getBytes(3)), 1, Integer::sum);
                count(read, new TableName(rows.getString(1), rows.getString(2)), rows.getString(4));
                changes++;
            }
        }
        ofTables.keySet().retainAll(read.keySet());
        ofTables.putAll(read);
        loadDisplaced(connection);
    }

    private void loadDisplaced(Connection connection) throws SQLException {
        displaced.clear();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(SELECT_DISPLACED)) {
            while (rows.next()) {
                byte[] key = rows.getBytes(1);
                byte[] change = rows.getBytes(2);
                Bundle bundle = (Bundle) codec.decode(change);
                displaced.put(
                        new RowKey(key),
                        new PendingChange(key, bundle.changes().getFirst().change(), 0, change.length));
            }
        } catch (UnreadableRecordException e) {
            throw new SQLException("a row of anabranch.quarantine cannot be read: " + e.getMessage(), e);
        }
    }

    /** Who is told of what is put aside, in the transaction in which it is. */
    void tells(Tally whom) {
        tally = whom;
    }

    boolean isEmpty() {
        return changes == 0;
    }

    /** Whether something may wait in {@code anabranch.quarantine_outbox}. */
    boolean mayHaveUnpublished() {
        return mayHaveUnpublished;
    }

    void allPublished() {
        mayHaveUnpublished = false;
    }

    /** While a person's request is carried out: what is refused again stops nothing. */
    void retrying(boolean retrying) {
        isRetrying = retrying;
    }

    boolean hasDisplaced() {
        return !displaced.isEmpty();
    }

    boolean isDisplaced(byte[] key) {
        return displaced(key) != null;
    }

    /** The row that had to go; null if it is not displaced. */
    @Nullable
    PendingChange displaced(byte[] key) {
        return displaced.isEmpty() ? null : displaced.get(new RowKey(key));
    }

    /** Rows that had to go, in the order in which they went. */
    List<PendingChange> displaced() {
        return List.copyOf(displaced.values());
    }

    private static void count(Map<TableName, QuarantineStatus> ofTables, TableName table, String error) {
        ofTables.merge(
                table,
                new QuarantineStatus(table.toString(), 1, error),
                (old, one) -> new QuarantineStatus(old.table(), old.changes() + 1, error));
    }

    boolean holds(byte[] key) {
        return !heldOfRows.isEmpty() && heldOfRows.containsKey(new RowKey(key));
    }

    /** Takes a row's changes out, in the caller's transaction: what is written now is newer than all of them. */
    void remove(Connection connection, byte[] key) throws SQLException {
        remove(connection, key, "DELETE FROM anabranch.quarantine WHERE key = ?");
    }

    /** Takes a row out that had to go, in the caller's transaction; whatever else is there of it stays. */
    void removeDisplaced(Connection connection, byte[] key) throws SQLException {
        if (isDisplaced(key)) {
            remove(
                    connection,
                    key,
                    "DELETE FROM anabranch.quarantine WHERE key = ? AND operation = '" + DISPLACED + "'");
        }
    }

    private void remove(Connection connection, byte[] key, String sql) throws SQLException {
        int removed;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setBytes(1, key);
            removed = statement.executeUpdate();
        }
        displaced.remove(new RowKey(key));
        removed(key, removed);
    }

    /** Takes a table's changes out that has been emptied since, in the caller's transaction: their rows would be gone by now. */
    void removeAll(Connection connection, TableName table) throws SQLException {
        if (!ofTables.containsKey(table)) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "DELETE FROM anabranch.quarantine WHERE table_schema = ? AND table_name = ?")) {
            statement.setString(1, storable(table.schema()));
            statement.setString(2, storable(table.table()));
            statement.executeUpdate();
        }
        load(connection);
    }

    /** So many of a row's changes are no longer there. */
    void removed(byte[] key, int removed) {
        heldOfRows.computeIfPresent(new RowKey(key), (row, held) -> held <= removed ? null : held - removed);
        changes -= removed;
        ofTables.computeIfPresent(
                tableOf(key),
                (table, held) -> held.changes() <= removed
                        ? null
                        : new QuarantineStatus(held.table(), held.changes() - removed, held.lastError()));
    }

    /** Writes one, in the caller's transaction. */
    void add(Connection connection, PendingChange pending, String error) throws SQLException, PartFailedException {
        failIfToStop(pending.key(), error);
        add(connection, pending, pending.change().operation().name(), error);
        failIfFull(tableOf(pending.key()), error);
    }

    /** Writes one whose key has an earlier one here, in the caller's transaction. That is no new error, and stops nothing. */
    void follow(Connection connection, PendingChange pending) throws SQLException, PartFailedException {
        add(connection, pending, pending.change().operation().name(), FOLLOWS);
        failIfFull(tableOf(pending.key()), FOLLOWS);
    }

    private void failIfToStop(byte[] key, String error) throws PartFailedException {
        TableName table = tableOf(key);
        if (!isRetrying && rules.of(table).onError() == TableRules.OnError.STOP) {
            throw new PartFailedException("a change of " + table + " with the key " + keyText(key)
                    + " cannot be applied: " + error
                    + ". The table has 'onError: stop': mend what the error names and it goes on"
                    + " by itself, or write 'onError: quarantine' and start the node again to put such rows aside");
        }
    }

    /** Writes a row that had to make room for another, in the caller's transaction. However many they are, nothing stops. */
    void displace(Connection connection, PendingChange merge, String why) throws SQLException {
        add(connection, merge, DISPLACED, why);
        displaced.put(new RowKey(merge.key()), merge);
    }

    private void add(Connection connection, PendingChange pending, String operation, String error) throws SQLException {
        Change change = pending.change();
        TableName table = tableOf(pending.key());
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            statement.setBytes(3, pending.key());
            statement.setString(4, keyText(pending.key()));
            statement.setString(5, operation);
            statement.setString(6, change.origin());
            statement.setLong(7, change.hybridMicros());
            statement.setInt(8, change.number());
            byte[] encoded = codec.encode(Bundle.of(pending.key(), change));
            statement.setBytes(9, encoded);
            statement.setString(10, storable(error));
            statement.executeUpdate();
            toBePublished(connection, pending.key(), encoded, error, change.origin());
        }
        tally.quarantined(table);
        heldOfRows.merge(new RowKey(pending.key()), 1, Integer::sum);
        count(ofTables, table, error);
        changes++;
    }

    /** Writes a record that is no change; once, however often it is read. */
    void addUnreadable(Connection connection, byte[] key, byte[] value, String error)
            throws SQLException, PartFailedException {
        failIfToStop(key, error);
        TableName table = tableOf(key);
        try (PreparedStatement statement = connection.prepareStatement(INSERT_UNREADABLE)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            statement.setBytes(3, key);
            statement.setBytes(4, value);
            statement.setString(5, storable(error));
            statement.setBytes(6, value);
            if (statement.executeUpdate() == 0) {
                return;
            }
        }
        toBePublished(connection, key, value, error, "");
        heldOfRows.merge(new RowKey(key), 1, Integer::sum);
        count(ofTables, table, error);
        changes++;
        failIfFull(table, error);
    }

    /** For the quarantine topic, in the transaction of the row itself: whatever is killed when, none is left out. */
    private void toBePublished(Connection connection, byte[] key, byte[] change, String error, String origin)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT_OUTBOX)) {
            statement.setBytes(1, key);
            statement.setBytes(2, change);
            statement.setString(3, storable(error));
            statement.setString(4, origin);
            statement.setString(5, tableOf(key).toString());
            statement.executeUpdate();
        }
        mayHaveUnpublished = true;
    }

    /** The database holds no zero characters. */
    private static String keyText(byte[] key) {
        try {
            return storable(String.join(", ", RecordKey.decode(key).values()));
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    static String storable(String text) {
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
        boolean tableIsFull = ofTable != null
                && ofTable.changes() > CHANGES_OF_A_TABLE_MAX
                && ofTable.changes() - displacedOf(table) > CHANGES_OF_A_TABLE_MAX;
        if (tableIsFull || changes - displaced.size() > CHANGES_MAX) {
            throw new PartFailedException("more than " + (tableIsFull ? CHANGES_OF_A_TABLE_MAX : CHANGES_MAX)
                    + " changes would be in quarantine, the last of " + table + ": " + error
                    + ". Mend the table, apply or delete what is in anabranch.quarantine, and start the region again");
        }
    }

    /** They are nobody's fault, and come back by themselves. */
    private long displacedOf(TableName table) {
        return displaced.values().stream()
                .filter(row -> tableOf(row.key()).equals(table))
                .count();
    }

    /** Any thread may ask. */
    List<QuarantineStatus> status() {
        return List.copyOf(ofTables.values());
    }
}
