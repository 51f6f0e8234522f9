package org.anabranch.capture;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.anabranch.schemas.Seen;
import org.anabranch.schemas.TableName;

/**
 * {@code anabranch.heartbeat}: rows that are written only to come back through the slot. One moves an idle database's
 * position on; another marks where a chunk of the first copy begins and ends.
 */
final class HeartbeatTable {

    static final TableName NAME = new TableName("anabranch", "heartbeat");

    static final String NAME_COLUMN = "name";
    static final String TOKEN_COLUMN = "token";

    /** The row that only beats. */
    static final String BEAT = "beat";

    /** The row that bounds the chunks of a first copy. */
    static final String COPY = "copy";

    /** Makes the schema and the table where they are missing. */
    static final List<String> PREPARATION = List.of(
            "CREATE SCHEMA IF NOT EXISTS anabranch",
            "CREATE TABLE IF NOT EXISTS anabranch.heartbeat (name text PRIMARY KEY, token text NOT NULL,"
                    + " beaten_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp())");

    private HeartbeatTable() {}

    /** Makes it where it is missing. Needs CREATE on the database, unless somebody made it already. */
    static void create(Connection connection) throws SQLException {
        if (isThere(connection, NAME)) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(Seen.LOCK + "; " + String.join("; ", PREPARATION)); // one transaction
            statement.execute(
                    "COMMENT ON TABLE anabranch.heartbeat IS"
                            + " 'Anabranch writes here to see its own writes in the WAL: the heartbeat, and watermarks of first copies'");
        }
    }

    /** Makes the table in which the applier says what of other regions it shows, where it is missing. */
    static void createClock(Connection connection) throws SQLException {
        if (!isThere(connection, Seen.TABLE)) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(Seen.LOCK + "; " + Seen.CREATE); // one transaction
            }
        }
    }

    private static boolean isThere(Connection connection, TableName table) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace"
                        + " WHERE nspname = ? AND relname = ?")) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    /** Writes one of the rows, in a transaction of its own; gives the server's time, in microseconds since 1970-01-01 UTC. */
    static long write(Connection connection, String name, String token) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("""
                INSERT INTO anabranch.heartbeat (name, token) VALUES (?, ?)
                ON CONFLICT (name) DO UPDATE SET token = EXCLUDED.token, beaten_at = pg_catalog.clock_timestamp()
                RETURNING (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint""")) {
            upsert.setString(1, name);
            upsert.setString(2, token);
            try (ResultSet now = upsert.executeQuery()) {
                now.next();
                return now.getLong(1);
            }
        }
    }
}
