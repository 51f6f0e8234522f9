package org.anabranch.capture;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.UnreadableRecordException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the tables of a first copy, chunk by chunk, on a thread and a connection of its own, each chunk between two
 * watermarks; {@link FirstCopy} says why. Goes on after the last key that Kafka acknowledged.
 */
final class CopyReader {

    private static final Logger LOG = LoggerFactory.getLogger(CopyReader.class);

    static final int CHUNK_ROWS_MAX = 10_000;
    static final long CHUNK_BYTES_MAX = 8L * 1024 * 1024;

    /** A table that is still to be copied, from a position on. */
    private record Pending(SourceTable source, CopyPosition from) {
        TableName name() {
            return source.schema().name();
        }
    }

    private final DatabaseSettings database;
    private final CapturedTables tables;
    private final FirstCopy copy;
    private final CopyProgress progress;
    private long number;

    CopyReader(DatabaseSettings database, CapturedTables tables, FirstCopy copy, CopyProgress progress) {
        this.database = database;
        this.tables = tables;
        this.copy = copy;
        this.progress = progress;
    }

    /** Copies what is left of the tables; returns when everything has been read (not yet: acknowledged). */
    void run(List<SourceTable> sources, PositionStore positions) throws Exception {
        try (Connection watermarks = Sessions.open(database, "anabranch watermarks");
                Connection reading = Sessions.open(database, "anabranch first copy")) {
            List<Pending> pending = pending(reading, sources, positions);
            if (pending.isEmpty()) {
                copy.nothingToCopy();
                return;
            }
            for (int i = 0; i < pending.size(); i++) {
                copyTable(watermarks, reading, pending.get(i), i == pending.size() - 1);
            }
            HeartbeatTable.write(watermarks, HeartbeatTable.COPY, copy.token(number));
        }
    }

    private List<Pending> pending(Connection connection, List<SourceTable> sources, PositionStore positions)
            throws SQLException, UnreadableRecordException {
        List<Pending> pending = new ArrayList<>();
        for (SourceTable source : sources) {
            TableName name = source.schema().name();
            CopyPosition position = positions.copy(name);
            if (!position.done()) {
                progress.begin(name, position, TableReader.rowsEstimated(connection, source));
                pending.add(new Pending(source, position));
            }
        }
        return pending;
    }

    private void copyTable(Connection watermarks, Connection reading, Pending table, boolean isLastTable)
            throws Exception {
        LOG.info(
                "First copy begins table={} rowsCopiedBefore={}",
                table.name(),
                table.from().rowsCopied());
        CapturedTable captured = tables.publish(table.source());
        TableReader reader = new TableReader(reading, table.source(), captured.contested());
        CopyPosition position = table.from();
        while (!position.done()) {
            copy.awaitRoom();
            HeartbeatTable.write(watermarks, HeartbeatTable.COPY, copy.token(number));
            FirstCopy.Chunk chunk = read(reading, reader, captured, position, isLastTable);
            copy.offer(chunk);
            position = chunk.end();
            number++;
        }
        LOG.info("First copy has read everything table={} rows={}", table.name(), position.rowsCopied());
    }

    private FirstCopy.Chunk read(
            Connection connection, TableReader reader, CapturedTable table, CopyPosition from, boolean isLastTable)
            throws SQLException {
        // Before the rows: what runs now and had committed in the WAL before the watermark may be missing from them.
        Set<Long> running = runningTransactions(connection);
        TableReader.Chunk chunk =
                reader.read(from.lastKey().isEmpty() ? null : from.lastKey(), CHUNK_ROWS_MAX, CHUNK_BYTES_MAX);
        CopyPosition end = new CopyPosition(
                chunk.lastKey() == null ? from.lastKey() : chunk.lastKey(),
                from.rowsCopied() + chunk.rows().size(),
                chunk.complete());
        return new FirstCopy.Chunk(number, table, chunk.rows(), end, running, isLastTable && end.done());
    }

    /** The transactions that a snapshot of now sees as running, their ids without epoch. */
    private static Set<Long> runningTransactions(Connection connection) throws SQLException {
        Set<Long> running = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT pg_catalog.pg_snapshot_xip(pg_catalog.pg_current_snapshot())::text::bigint & 4294967295")) {
            while (rows.next()) {
                running.add(rows.getLong(1));
            }
        }
        return running;
    }
}
