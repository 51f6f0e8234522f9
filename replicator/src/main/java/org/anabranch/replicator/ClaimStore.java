package org.anabranch.replicator;

import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.anabranch.conflict.Stamp;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.Json;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.RowDigest;
import org.anabranch.schemas.TableName;
import org.jspecify.annotations.Nullable;

/**
 * Of each row of a table with several writers and unique columns, as it stands in the database: since when it has its values there.
 * In {@code anabranch.claims}, written in the transactions that write the rows.
 */
final class ClaimStore {

    static final String CREATE = """
            CREATE TABLE anabranch.claims (
                table_schema text NOT NULL, table_name text NOT NULL, row_key text NOT NULL, key bytea NOT NULL,
                origin text, hybrid_time bigint, number int, seen bigint NOT NULL,
                PRIMARY KEY (table_schema, table_name, row_key))""";

    private static final String WRITE = """
            INSERT INTO anabranch.claims AS c (table_schema, table_name, row_key, key, origin, hybrid_time, number, seen)
            SELECT ?, ?, * FROM unnest(?::text[], ?::bytea[], ?::text[], ?::bigint[], ?::int[], ?::bigint[])
            ON CONFLICT (table_schema, table_name, row_key) DO UPDATE SET key = EXCLUDED.key, origin = EXCLUDED.origin,
                hybrid_time = EXCLUDED.hybrid_time, number = EXCLUDED.number, seen = EXCLUDED.seen
            WHERE (c.key, c.origin, c.hybrid_time, c.number, c.seen) IS DISTINCT FROM
                (EXCLUDED.key, EXCLUDED.origin, EXCLUDED.hybrid_time, EXCLUDED.number, EXCLUDED.seen)""";

    private static final String REMOVE =
            "DELETE FROM anabranch.claims WHERE table_schema = ? AND table_name = ? AND row_key = ANY (?)";

    private static final String READ = """
            SELECT row_key, key, origin, hybrid_time, number, seen FROM anabranch.claims
            WHERE table_schema = ? AND table_name = ? AND row_key = ANY (?)""";

    private static final int ROW_KEY_MAX = 500;

    private final Connection connection;

    ClaimStore(Connection connection) {
        this.connection = connection;
    }

    /**
     * Of one row.
     *
     * @param key its record's
     * @param stamp of the newest change that gave it its values in unique columns; null while that is on its way
     * @param seenMicros commit time of the region's own last change that was merged into it; 0 for none
     */
    @SuppressWarnings("ArrayRecordComponent") // compared nowhere
    record Claim(byte[] key, @Nullable Stamp stamp, long seenMicros) {}

    /** Rows that stand in the table now as their merges say, or are not there any more. */
    void written(TableStatements table, List<PendingChange> merges) throws SQLException {
        List<PendingChange> there =
                merges.stream().filter(merge -> merge.change().after() != null).toList();
        List<String> gone = merges.stream()
                .filter(merge -> merge.change().after() == null)
                .map(merge ->
                        rowKey(table, Objects.requireNonNull(merge.change().before())))
                .toList();
        remove(table.name(), gone);
        if (!there.isEmpty()) {
            write(table, there);
        }
    }

    private void write(TableStatements table, List<PendingChange> merges) throws SQLException {
        int size = merges.size();
        String[] rowKeys = new String[size];
        byte[][] keys = new byte[size][];
        @Nullable String[] origins = new @Nullable String[size];
        @Nullable Long[] times = new @Nullable Long[size];
        @Nullable Integer[] numbers = new @Nullable Integer[size];
        Long[] seen = new Long[size];
        for (int i = 0; i < size; i++) {
            Change change = merges.get(i).change();
            Change.Verdict verdict = Objects.requireNonNull(change.verdict());
            Stamp claim = verdict.claim();
            rowKeys[i] = rowKey(table, Objects.requireNonNull(change.after()));
            keys[i] = merges.get(i).key();
            origins[i] = claim == null ? null : claim.origin();
            times[i] = claim == null ? null : claim.hybridMicros();
            numbers[i] = claim == null ? null : claim.number();
            seen[i] = verdict.seenMicros();
        }
        try (PreparedStatement statement = connection.prepareStatement(WRITE)) {
            statement.setString(1, table.name().schema());
            statement.setString(2, table.name().table());
            statement.setArray(3, connection.createArrayOf("text", rowKeys));
            statement.setArray(4, connection.createArrayOf("bytea", keys));
            statement.setArray(5, connection.createArrayOf("text", origins));
            statement.setArray(6, connection.createArrayOf("int8", times));
            statement.setArray(7, connection.createArrayOf("int4", numbers));
            statement.setArray(8, connection.createArrayOf("int8", seen));
            statement.executeUpdate();
        }
    }

    void remove(TableStatements table, List<Row> rows) throws SQLException {
        remove(table.name(), rows.stream().map(row -> rowKey(table, row)).toList());
    }

    private void remove(TableName table, List<String> rowKeys) throws SQLException {
        if (rowKeys.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = prepare(REMOVE, table, rowKeys)) {
            statement.executeUpdate();
        }
    }

    /** By {@link #rowKey}; nothing for a row of which nothing is known. */
    Map<String, Claim> read(TableStatements table, List<Row> rows) throws SQLException {
        Map<String, Claim> claims = new HashMap<>();
        List<String> rowKeys = rows.stream().map(row -> rowKey(table, row)).toList();
        try (PreparedStatement statement = prepare(READ, table.name(), rowKeys);
                ResultSet found = statement.executeQuery()) {
            while (found.next()) {
                String origin = found.getString(3);
                Stamp stamp = origin == null ? null : new Stamp(found.getLong(4), found.getInt(5), origin);
                claims.put(found.getString(1), new Claim(found.getBytes(2), stamp, found.getLong(6)));
            }
        }
        return claims;
    }

    private PreparedStatement prepare(String sql, TableName table, List<String> rowKeys) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        Array array = connection.createArrayOf("text", rowKeys.toArray());
        statement.setString(1, table.schema());
        statement.setString(2, table.table());
        statement.setArray(3, array);
        return statement;
    }

    /** The key's values as the database writes them; a digest where they are too long for an index. */
    static String rowKey(TableStatements table, Row row) {
        List<@Nullable String> values = new ArrayList<>();
        for (int i : table.key()) {
            values.add(row.text(i));
        }
        byte[] json = Json.write(values);
        return json.length <= ROW_KEY_MAX
                ? new String(json, StandardCharsets.UTF_8)
                : RowDigest.of(json).toString();
    }
}
