package org.anabranch.replicator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.anabranch.conflict.Stamp;
import org.anabranch.schemas.ConflictRecord;
import org.anabranch.schemas.Json;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.UnreadableRecordException;

/** Reads a region's journal of conflicts. */
public final class ConflictReader {

    private static final String SELECT = """
            SELECT id, (extract(epoch FROM recorded_at) * 1000000)::bigint, table_schema, table_name, key_text,
                earlier_hybrid_time, earlier_number, earlier_origin,
                (extract(epoch FROM earlier_committed_at) * 1000000)::bigint, earlier_is_delete, earlier_row,
                later_hybrid_time, later_number, later_origin,
                (extract(epoch FROM later_committed_at) * 1000000)::bigint, later_is_delete, later_row, losses
            FROM anabranch.conflicts
            WHERE recorded_at >= 'epoch'::timestamptz + ? * '1 microsecond'::interval
            ORDER BY recorded_at DESC, later_hybrid_time DESC, earlier_hybrid_time DESC""";

    private static final int ROWS_AT_ONCE = 500;

    private ConflictReader() {}

    /**
     * A conflict as it stands in a journal.
     *
     * @param id the same in the journals of all regions
     * @param key the row's key, values with a comma between them
     */
    public record Recorded(UUID id, Instant recordedAt, TableName table, String key, ConflictRecord conflict) {}

    /**
     * The newest conflicts. Blocks while the server answers, for a bounded time.
     *
     * @param since when they were recorded at the earliest
     * @param max how many at most
     * @return empty where no applier has made a journal yet
     * @throws IOException if the database cannot be asked; the message says why
     */
    public static Optional<List<Recorded>> read(
            DatabaseSettings database, Predicate<TableName> tables, Instant since, int max) throws IOException {
        try (Connection connection = ApplierSession.connect(database, "anabranch conflicts")) {
            connection.setReadOnly(true);
            connection.setAutoCommit(false); // so that the rows come some at a time
            return isThere(connection) ? Optional.of(read(connection, tables, since, max)) : Optional.empty();
        } catch (SQLException e) {
            throw new IOException(Faults.message(e), e);
        }
    }

    private static boolean isThere(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT to_regclass('anabranch.conflicts') IS NOT NULL")) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static List<Recorded> read(Connection connection, Predicate<TableName> tables, Instant since, int max)
            throws SQLException, IOException {
        List<Recorded> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(SELECT)) {
            statement.setFetchSize(ROWS_AT_ONCE);
            statement.setLong(1, ChronoUnit.MICROS.between(Instant.EPOCH, since));
            try (ResultSet row = statement.executeQuery()) {
                while (found.size() < max && row.next()) {
                    TableName table = new TableName(row.getString(3), row.getString(4));
                    if (tables.test(table)) {
                        found.add(recorded(row, table));
                    }
                }
            }
        }
        return found;
    }

    private static Recorded recorded(ResultSet row, TableName table) throws SQLException, IOException {
        ConflictRecord.Loss[] losses;
        try {
            losses = Json.read(row.getString(18).getBytes(StandardCharsets.UTF_8), ConflictRecord.Loss[].class);
        } catch (UnreadableRecordException e) {
            throw new IOException("anabranch.conflicts has a row that no applier wrote: " + e.getMessage(), e);
        }
        return new Recorded(
                row.getObject(1, UUID.class),
                Instant.EPOCH.plus(row.getLong(2), ChronoUnit.MICROS),
                table,
                row.getString(5),
                new ConflictRecord(side(row, 6), side(row, 12), List.of(losses)));
    }

    /** @param first the first of its six columns */
    private static ConflictRecord.Side side(ResultSet row, int first) throws SQLException {
        Stamp stamp = new Stamp(row.getLong(first), row.getInt(first + 1), row.getString(first + 2));
        return new ConflictRecord.Side(
                stamp, row.getLong(first + 3), row.getBoolean(first + 4), row.getString(first + 5));
    }
}
