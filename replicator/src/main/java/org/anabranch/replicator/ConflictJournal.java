package org.anabranch.replicator;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.anabranch.conflict.Stamp;
import org.anabranch.schemas.ConflictRecord;
import org.anabranch.schemas.Json;
import org.anabranch.schemas.RecordKey;
import org.anabranch.schemas.TableName;

/**
 * Writes the conflicts that merges carry, in the transaction that applies these, whatever becomes of their rows: the conflict
 * happened. A conflict that comes again has the name that it had, and stands there once.
 */
final class ConflictJournal {

    static final String CREATE = """
            CREATE TABLE anabranch.conflicts (
                id uuid PRIMARY KEY, recorded_at timestamptz NOT NULL DEFAULT now(),
                table_schema text NOT NULL, table_name text NOT NULL, key_text text NOT NULL,
                earlier_origin text NOT NULL, earlier_hybrid_time bigint NOT NULL, earlier_number int NOT NULL,
                earlier_committed_at timestamptz NOT NULL, earlier_is_delete boolean NOT NULL, earlier_row json NOT NULL,
                later_origin text NOT NULL, later_hybrid_time bigint NOT NULL, later_number int NOT NULL,
                later_committed_at timestamptz NOT NULL, later_is_delete boolean NOT NULL, later_row json NOT NULL,
                losses json NOT NULL);
            CREATE INDEX ON anabranch.conflicts (recorded_at)""";

    private static final String INSERT = """
            INSERT INTO anabranch.conflicts (id, table_schema, table_name, key_text,
                earlier_origin, earlier_hybrid_time, earlier_number, earlier_committed_at, earlier_is_delete, earlier_row,
                later_origin, later_hybrid_time, later_number, later_committed_at, later_is_delete, later_row, losses)
            SELECT id, table_schema, table_name, key_text,
                earlier_origin, earlier_hybrid_time, earlier_number,
                'epoch'::timestamptz + earlier_micros * '1 microsecond'::interval, earlier_is_delete, earlier_row::json,
                later_origin, later_hybrid_time, later_number,
                'epoch'::timestamptz + later_micros * '1 microsecond'::interval, later_is_delete, later_row::json, losses
            FROM json_to_recordset(?::json) AS c (id uuid, table_schema text, table_name text, key_text text,
                earlier_origin text, earlier_hybrid_time bigint, earlier_number int, earlier_micros bigint,
                earlier_is_delete boolean, earlier_row text,
                later_origin text, later_hybrid_time bigint, later_number int, later_micros bigint,
                later_is_delete boolean, later_row text, losses json)
            ON CONFLICT (id) DO NOTHING
            RETURNING table_schema, table_name, coalesce(losses -> 0 ->> 'policy', '')""";

    private static final int ROWS_AT_ONCE = 1_000;

    private final Connection connection;
    private final Tally tally;
    private final List<Map<String, Object>> rows = new ArrayList<>();

    /** @param tally is told what is new in the journal */
    ConflictJournal(Connection connection, Tally tally) {
        this.connection = connection;
        this.tally = tally;
    }

    void clear() {
        rows.clear();
    }

    /** Takes what a change says of conflicts for the next {@link #flush}. */
    void add(PendingChange pending) {
        for (ConflictRecord conflict : pending.change().conflicts()) {
            add(pending.key(), conflict);
        }
    }

    /** The same, of one conflict of a row. */
    void add(byte[] key, ConflictRecord conflict) {
        rows.add(row(key, conflict));
    }

    void flush() throws SQLException {
        for (int from = 0; from < rows.size(); from += ROWS_AT_ONCE) {
            List<Map<String, Object>> part = rows.subList(from, Math.min(from + ROWS_AT_ONCE, rows.size()));
            try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
                statement.setString(1, new String(Json.write(part), StandardCharsets.UTF_8));
                count(statement);
            }
        }
        rows.clear();
    }

    private void count(PreparedStatement insert) throws SQLException {
        try (ResultSet inserted = insert.executeQuery()) {
            while (inserted.next()) {
                tally.conflict(new TableName(inserted.getString(1), inserted.getString(2)), inserted.getString(3));
            }
        }
    }

    private static Map<String, Object> row(byte[] recordKey, ConflictRecord conflict) {
        RecordKey key = RecordKey.decode(recordKey);
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("id", id(key, conflict));
        row.put("table_schema", key.table().schema());
        row.put("table_name", key.table().table());
        row.put("key_text", String.join(", ", key.values()));
        put(row, "earlier", conflict.earlier());
        put(row, "later", conflict.later());
        row.put("losses", conflict.losses());
        return row;
    }

    private static void put(Map<String, Object> row, String which, ConflictRecord.Side side) {
        row.put(which + "_origin", side.stamp().origin());
        row.put(which + "_hybrid_time", side.stamp().hybridMicros());
        row.put(which + "_number", side.stamp().number());
        row.put(which + "_micros", side.commitMicros());
        row.put(which + "_is_delete", side.isDelete());
        row.put(which + "_row", side.row());
    }

    /** The same in every region. */
    private static UUID id(RecordKey key, ConflictRecord conflict) {
        List<String> name = new ArrayList<>(key.values());
        name.add(text(conflict.earlier().stamp()));
        name.add(text(conflict.later().stamp()));
        return UUID.nameUUIDFromBytes(new RecordKey(key.table(), name).encode());
    }

    private static String text(Stamp stamp) {
        return stamp.hybridMicros() + "/" + stamp.number() + "/" + stamp.origin();
    }
}
