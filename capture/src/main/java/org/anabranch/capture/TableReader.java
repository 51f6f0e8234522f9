package org.anabranch.capture;

import static org.anabranch.schemas.TableName.quote;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableSchema;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Reads a table for its first copy, a chunk at a time in the order of its primary key. Each chunk is one statement with a snapshot
 * of its own. Of an ordinary table only its own rows, not those of tables that inherit from it.
 *
 * <p>For one thread. The connection comes from {@link Sessions#open}, is in autocommit (a chunk that is cut short by its bytes
 * cancels its statement), and is not used otherwise while a chunk is read; its planner settings are changed for good.
 */
public final class TableReader {

    /** The first chunk is small, until it is known how large rows are. */
    private static final int FIRST_ROWS_MAX = 1_000;

    /** Below this many estimated pages, an exact count of a table that was never analyzed is cheap. */
    private static final int COUNTED_PAGES_MAX = 1_000;

    /** For a large table that was never analyzed: rows of about 150 bytes. */
    private static final int UNKNOWN_ROWS_PER_PAGE = 50;

    private static final String QUERY_CANCELED = "57014";

    /**
     * A row and its key.
     *
     * @param key canonical texts, see {@link KeyText}
     */
    public record KeyedRow(List<String> key, Row row) {}

    /**
     * @param lastKey where to go on: the key of the last row as PostgreSQL wrote it, or null if there are no rows
     * @param complete whether the table has no more rows after these
     * @param bytes how long the rows were in COPY's text
     */
    public record Chunk(List<KeyedRow> rows, @Nullable List<String> lastKey, boolean complete, long bytes) {}

    private record KeyPart(
            int index, String name, String type, @Nullable String collation) {}

    /** What an applier wrote came from another region, and is copied there. */
    private static final String WRITTEN_HERE =
            "coalesce((pg_catalog.pg_xact_commit_timestamp_origin(xmin)).roident, 0) = 0";

    private final Connection connection;
    private final SourceTable table;
    private final boolean onlyWrittenHere;
    private final KeyText keyText;
    private final List<KeyPart> key;
    private long rowBytesAverage;

    /** Reads all rows. */
    public TableReader(Connection connection, SourceTable table) throws SQLException {
        this(connection, table, false);
    }

    /**
     * @param onlyWrittenHere whether rows are left out that were applied from another region; the server has to have
     *     track_commit_timestamp on
     * @throws SQLException if the table's key cannot be read
     * @throws IllegalArgumentException if the table has no primary key, or the connection is in a transaction
     */
    public TableReader(Connection connection, SourceTable table, boolean onlyWrittenHere) throws SQLException {
        if (table.keyColumns().isEmpty()) {
            throw new IllegalArgumentException("table " + table.schema().name() + " has no primary key to read it by");
        }
        if (!connection.getAutoCommit()) {
            throw new IllegalArgumentException("the connection that reads a table must be in autocommit");
        }
        this.connection = connection;
        this.table = table;
        this.onlyWrittenHere = onlyWrittenHere;
        this.keyText = KeyText.of(table);
        this.key = keyParts(connection, table);
        try (Statement statement = connection.createStatement()) {
            // without statistics the planner would rather sort the whole table, once for every chunk
            statement.execute("SET enable_sort = off; SET enable_seqscan = off; SET enable_bitmapscan = off;"
                    + " SET max_parallel_workers_per_gather = 0");
        }
    }

    private static List<KeyPart> keyParts(Connection connection, SourceTable table) throws SQLException {
        // a constant of a domain could bring a collation of its own, so the column's is always named
        String sql = """
                SELECT CASE WHEN a.attcollation <> 0 THEN quote_ident(n.nspname) || '.' || quote_ident(c.collname) END
                FROM pg_attribute a
                LEFT JOIN pg_collation c ON c.oid = a.attcollation
                LEFT JOIN pg_namespace n ON n.oid = c.collnamespace
                WHERE a.attrelid = ?::regclass AND a.attname = ?
                """;
        List<KeyPart> parts = new ArrayList<>();
        for (int index : table.schema().keyIndexes()) {
            TableSchema.Column column = table.schema().columns().get(index);
            String quotedName = table.schema().name().quoted();
            String collation =
                    Query.list(connection, sql, row -> String.valueOf(row.getString(1)), quotedName, column.name())
                            .stream()
                            .findFirst()
                            .orElseThrow(() -> new SQLException(
                                    "column " + column.name() + " of table " + quotedName + " is not there any more"));
            parts.add(new KeyPart(index, column.name(), column.type(), collation.equals("null") ? null : collation));
        }
        return parts;
    }

    /**
     * The rows after a key, as many as fit. Blocks until they are read.
     *
     * @param after {@link Chunk#lastKey} of the chunk before, or null to begin
     * @param rowsMax at least 1
     * @param bytesMax of COPY's text; at least one row is read, however long
     * @throws SQLException if the server is away or refuses; the same chunk may be read again
     */
    public Chunk read(@Nullable List<String> after, int rowsMax, long bytesMax) throws SQLException {
        int limit = limit(rowsMax, bytesMax);
        PGConnection postgres = connection.unwrap(PGConnection.class);
        CopyOut copy = postgres.getCopyAPI().copyOut(statement(after, limit));
        CopyText parser = new CopyText(table.schema().columns().size());
        List<KeyedRow> rows = new ArrayList<>(limit);
        @Nullable String[] last = null;
        long bytes = 0;
        boolean cut = false;
        try {
            byte[] line;
            while (!cut && (line = copy.readFromCopy()) != null) {
                last = parser.parse(line);
                rows.add(new KeyedRow(keyText.of(last), Row.of(last)));
                bytes += line.length;
                cut = bytes >= bytesMax;
            }
        } catch (SQLException | RuntimeException e) {
            abandon(copy, e);
            throw e;
        }
        if (cut) {
            cancel(postgres, copy);
        }
        if (!rows.isEmpty()) {
            rowBytesAverage = Math.max(1, bytes / rows.size());
        }
        return new Chunk(rows, last == null ? null : keyAsWritten(last), !cut && rows.size() < limit, bytes);
    }

    /** So that a chunk is seldom cut short: as many rows as are likely to fit. */
    private int limit(int rowsMax, long bytesMax) {
        long likely = rowBytesAverage == 0 ? FIRST_ROWS_MAX : bytesMax / rowBytesAverage + 1;
        return (int) Math.max(1, Math.min(rowsMax, likely));
    }

    private String statement(@Nullable List<String> after, int limit) {
        String columns = table.schema().columns().stream()
                .map(column -> quote(column.name()))
                .collect(Collectors.joining(", "));
        String keyColumns = key.stream().map(part -> quote(part.name())).collect(Collectors.joining(", "));
        return "COPY (SELECT " + columns + " FROM " + (table.partitioned() ? "" : "ONLY ")
                + table.schema().name().quoted()
                + where(after == null ? "" : "(" + keyColumns + ") > (" + constants(after) + ")")
                + " ORDER BY " + keyColumns + " LIMIT " + limit + ") TO STDOUT";
    }

    private String where(String afterKey) {
        if (!onlyWrittenHere) {
            return afterKey.isEmpty() ? "" : " WHERE " + afterKey;
        }
        return " WHERE " + WRITTEN_HERE + (afterKey.isEmpty() ? "" : " AND " + afterKey);
    }

    private String constants(List<String> values) {
        if (values.size() != key.size()) {
            throw new IllegalArgumentException(
                    "a key of " + table.schema().name() + " has " + key.size() + " values, not " + values.size());
        }
        return IntStream.range(0, values.size())
                .mapToObj(i -> constant(key.get(i), values.get(i)))
                .collect(Collectors.joining(", "));
    }

    private static String constant(KeyPart part, String value) {
        String constant = "CAST(" + Query.literal(value) + " AS " + part.type() + ")";
        return part.collation() == null ? constant : constant + " COLLATE " + part.collation();
    }

    private List<String> keyAsWritten(@Nullable String[] values) {
        List<String> texts = new ArrayList<>();
        for (KeyPart part : key) {
            texts.add(String.valueOf(values[part.index()]));
        }
        return texts;
    }

    /** The driver waits until the server has taken the request, so it cannot hit a later statement. */
    private static void cancel(PGConnection postgres, CopyOut copy) throws SQLException {
        postgres.cancelQuery();
        try {
            while (copy.readFromCopy() != null) {
                // on its way already
            }
        } catch (SQLException e) {
            if (!QUERY_CANCELED.equals(e.getSQLState())) {
                throw e;
            }
        }
    }

    private static void abandon(CopyOut copy, Exception cause) {
        try {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /**
     * About how many rows a table has, partitions included: the planner's number; for a small table that was never analyzed, a
     * count.
     */
    public static long rowsEstimated(Connection connection, SourceTable table) throws SQLException {
        String quotedName = table.schema().name().quoted();
        String sql = """
                SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint AS rows, bool_or(c.reltuples < 0) AS unknown,
                       coalesce(sum(pg_relation_size(c.oid) / current_setting('block_size')::int), 0)::bigint AS pages
                FROM pg_class c
                WHERE c.relkind = 'r' AND c.oid IN (SELECT relid FROM pg_partition_tree(?::regclass) UNION SELECT ?::regclass)
                """;
        record Estimate(long rows, boolean unknown, long pages) {}
        Estimate estimate = Query.one(
                connection,
                sql,
                row -> new Estimate(row.getLong("rows"), row.getBoolean("unknown"), row.getLong("pages")),
                quotedName,
                quotedName);
        if (!estimate.unknown()) {
            return estimate.rows();
        }
        if (estimate.pages() > COUNTED_PAGES_MAX) {
            return Math.max(estimate.rows(), estimate.pages() * UNKNOWN_ROWS_PER_PAGE);
        }
        return Query.one(
                connection,
                "SELECT count(*) FROM " + (table.partitioned() ? "" : "ONLY ") + quotedName,
                row -> row.getLong(1));
    }
}
