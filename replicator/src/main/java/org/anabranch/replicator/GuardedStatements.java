package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.anabranch.conflict.ApplyGuard;
import org.anabranch.schemas.Row;
import org.jspecify.annotations.Nullable;

/**
 * The statements that write rows of a table with several writers only where the database still holds what was looked at. None of
 * them waits for a row that another session has locked: who holds it is about to write it. A set of rows at a time; the caller owns
 * the transaction.
 */
final class GuardedStatements {

    /** Changes with every write of the row, ours too. */
    static final String VERSION = "t.tableoid::text || t.ctid::text || t.xmin::text";

    static final String WRITTEN_BY = "LEFT JOIN LATERAL pg_xact_commit_timestamp_origin(t.xmin) AS w ON true";

    /**
     * What the database holds of a row.
     *
     * @param version names it
     * @param writer who wrote it, and when
     * @param isSame whether it is what was asked with
     */
    record Found(String version, ApplyGuard.Present writer, boolean isSame) {}

    private final TableStatements table;
    private final int[] all;
    private final int[] key;
    private final String look;
    private final String lookByKey;
    private final String update;
    private final String delete;
    private final String lock;
    private final String insert;
    private final @Nullable HolderStatements holders;

    /** @param unique what no two rows may have the same, beside the primary key */
    GuardedStatements(TableStatements table, List<UniqueIndex> unique) {
        this.table = table;
        holders = unique.isEmpty() ? null : new HolderStatements(table, unique);
        all = table.all().toArray();
        key = table.key();
        String same = IntStream.of(all)
                .mapToObj(i -> "t." + table.column(i) + "::text IS NOT DISTINCT FROM (" + table.value(i) + ")::text")
                .collect(Collectors.joining(" AND "));
        look = look(all, same);
        lookByKey = look(key, "false");
        String sets = IntStream.of(all)
                .filter(table::isUpdatable)
                .mapToObj(i -> table.column(i) + " = " + table.value("l", i))
                .collect(Collectors.joining(", "));
        update = locked(all, "NO KEY UPDATE") + "UPDATE " + name() + " AS t SET " + sets
                + " FROM l WHERE t.ctid = l.at AND t.tableoid = l.part RETURNING l.n";
        delete = locked(key, "UPDATE") + "DELETE FROM " + name()
                + " AS t USING l WHERE t.ctid = l.at AND t.tableoid = l.part RETURNING l.n";
        lock = "SELECT FROM " + asked(key, "") + " JOIN " + name() + " AS t ON " + table.sameKey("t", key)
                + " FOR NO KEY UPDATE OF t";
        insert = "INSERT INTO " + name() + " (" + table.names(all) + ") OVERRIDING SYSTEM VALUE SELECT "
                + IntStream.of(all).mapToObj(table::value).collect(Collectors.joining(", "))
                + " FROM " + asked(all, "") + whereFree();
    }

    /** A key that is checked later cannot serve ON CONFLICT: another session's row fails the statement then. */
    private String whereFree() {
        return table.rewrites()
                ? " WHERE NOT EXISTS (SELECT FROM " + name() + " AS t WHERE " + table.sameKey("t", key) + ")"
                : " ON CONFLICT (" + table.names(key) + ") DO NOTHING";
    }

    TableStatements statements() {
        return table;
    }

    /** Null for a table in which nothing but the primary key is unique. */
    @Nullable
    HolderStatements holders() {
        return holders;
    }

    private String name() {
        return table.name().quoted();
    }

    /** The parameters as rows that are numbered from 1. */
    private String asked(int[] columns, String more) {
        return "unnest(" + table.arrays(columns) + (more.isEmpty() ? "" : ", ?::text[]")
                + ") WITH ORDINALITY AS v(" + TableStatements.aliases(columns) + (more.isEmpty() ? "" : ", " + more)
                + ", n)";
    }

    private String look(int[] columns, String same) {
        return "SELECT v.n, " + VERSION + ", w.roident, (extract(epoch FROM w.\"timestamp\") * 1000000)::bigint, "
                + same + " FROM " + asked(columns, "") + " JOIN " + name() + " AS t ON " + table.sameKey("t", key) + " "
                + WRITTEN_BY;
    }

    private String locked(int[] columns, String strength) {
        return "WITH l AS MATERIALIZED (SELECT t.ctid AS at, t.tableoid AS part, v.* FROM " + asked(columns, "version")
                + " JOIN " + name() + " AS t ON " + table.sameKey("t", key) + " WHERE " + VERSION
                + " = v.version FOR " + strength + " OF t SKIP LOCKED) ";
    }

    /** What the database holds, by the rows' places; nothing for a row that is not there. */
    Map<Integer, Found> look(Connection connection, List<Row> rows) throws SQLException {
        return look(connection, look, rows, all);
    }

    /** The same by the rows' keys alone. */
    Map<Integer, Found> lookByKey(Connection connection, List<Row> rows) throws SQLException {
        return look(connection, lookByKey, rows, key);
    }

    private Map<Integer, Found> look(Connection connection, String sql, List<Row> rows, int[] columns)
            throws SQLException {
        Map<Integer, Found> found = new HashMap<>();
        if (rows.isEmpty()) {
            return found;
        }
        try (PreparedStatement statement = prepare(connection, sql, rows, columns, null);
                ResultSet results = statement.executeQuery()) {
            while (results.next()) {
                boolean byApplier = results.getLong(3) != 0;
                Long commitMicros = results.getObject(4, Long.class);
                found.put(
                        results.getInt(1) - 1,
                        new Found(
                                String.valueOf(results.getString(2)),
                                new ApplyGuard.Present(byApplier, commitMicros),
                                results.getBoolean(5)));
            }
        }
        return found;
    }

    /** Gives the places of those that were written: the others are locked, or have another version by now. */
    Set<Integer> update(Connection connection, List<Row> rows, List<String> versions) throws SQLException {
        return table.rewrites() ? replace(connection, rows, versions) : write(connection, update, rows, all, versions);
    }

    /** The same by way of deleting them first, which frees unique values that go from one of these rows to another. */
    Set<Integer> replace(Connection connection, List<Row> rows, List<String> versions) throws SQLException {
        Set<Integer> deleted = delete(connection, rows, versions);
        int inserted = insert(connection, deleted.stream().map(rows::get).toList());
        if (inserted != deleted.size()) {
            throw new SQLException("of " + deleted.size() + " rows that were taken away " + inserted + " came back");
        }
        return deleted;
    }

    /** The same, taking the rows away. */
    Set<Integer> delete(Connection connection, List<Row> rows, List<String> versions) throws SQLException {
        return write(connection, delete, rows, key, versions);
    }

    private Set<Integer> write(Connection connection, String sql, List<Row> rows, int[] columns, List<String> versions)
            throws SQLException {
        Set<Integer> written = new HashSet<>();
        if (rows.isEmpty()) {
            return written;
        }
        try (PreparedStatement statement = prepare(connection, sql, rows, columns, versions);
                ResultSet results = statement.executeQuery()) {
            while (results.next()) {
                written.add(results.getInt(1) - 1);
            }
        }
        return written;
    }

    /** Adds those whose keys are free; gives how many. Waits, for as long as a lock may take, where another session adds one. */
    int insert(Connection connection, List<Row> rows) throws SQLException {
        if (rows.isEmpty()) {
            return 0;
        }
        try (PreparedStatement statement = prepare(connection, insert, rows, all, null)) {
            return statement.executeUpdate();
        }
    }

    /** Locks rows until the transaction ends. Waits, for as long as a lock may take. */
    void lock(Connection connection, List<Row> rows) throws SQLException {
        try (PreparedStatement statement = prepare(connection, lock, rows, key, null)) {
            statement.executeQuery().close();
        }
    }

    private PreparedStatement prepare(
            Connection connection, String sql, List<Row> rows, int[] columns, @Nullable List<String> versions)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        table.set(statement, rows, columns);
        if (versions != null) {
            ArrayLiteral texts = new ArrayLiteral(',', versions.size());
            new ArrayList<>(versions).forEach(texts::add);
            statement.setObject(columns.length + 1, texts.close(), Types.OTHER);
        }
        return statement;
    }
}
