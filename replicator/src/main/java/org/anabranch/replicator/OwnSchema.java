package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import org.anabranch.schemas.Seen;

/** The applier's own tables, in the schema {@code anabranch} of the target. */
final class OwnSchema {

    private static final Map<String, String> TABLES = new TreeMap<>(Map.of(
            "claims",
            ClaimStore.CREATE,
            "clock",
            Seen.CREATE,
            "conflicts",
            ConflictJournal.CREATE,
            "deferred",
            """
            CREATE TABLE anabranch.deferred (
                key bytea PRIMARY KEY, merge bytea NOT NULL, looked_at bigint NOT NULL, version text,
                holds_back text NOT NULL, since bigint NOT NULL)""",
            "orphans",
            OrphanJournal.CREATE,
            "progress",
            """
            CREATE TABLE anabranch.progress (
                origin text NOT NULL, partition int NOT NULL, hybrid_time bigint NOT NULL, number int NOT NULL,
                committed_at bigint NOT NULL, next_offset bigint NOT NULL, generation bigint NOT NULL DEFAULT -1,
                PRIMARY KEY (origin, partition)) WITH (fillfactor = 50)""",
            "quarantine",
            """
            CREATE TABLE anabranch.quarantine (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, table_schema text NOT NULL, table_name text NOT NULL,
                key bytea NOT NULL, key_text text NOT NULL, operation text NOT NULL, origin text NOT NULL,
                hybrid_time bigint NOT NULL, number int NOT NULL, change bytea NOT NULL, error text NOT NULL,
                quarantined_at timestamptz NOT NULL DEFAULT now(), asked text, asked_at timestamptz, answer text)""",
            "quarantine_outbox",
            """
            CREATE TABLE anabranch.quarantine_outbox (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key bytea NOT NULL, change bytea NOT NULL,
                error text NOT NULL, origin text NOT NULL, table_name text NOT NULL)""",
            "tables",
            """
            CREATE TABLE anabranch.tables (
                table_schema text NOT NULL, table_name text NOT NULL, prepared_at timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (table_schema, table_name))"""));

    private static final String ASKED = """
            SELECT 1 FROM pg_attribute
            WHERE attrelid = to_regclass(?) AND attname = 'asked' AND NOT attisdropped""";

    private OwnSchema() {}

    /** Creates what is missing. IF NOT EXISTS would ask for the right to create what is there already. */
    static void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(Seen.LOCK);
            if (!exists(connection, "SELECT 1 FROM pg_namespace WHERE nspname = ?", "anabranch")) {
                statement.execute("CREATE SCHEMA anabranch");
            }
            for (Map.Entry<String, String> table : TABLES.entrySet()) {
                String name = "anabranch." + table.getKey();
                if (!exists(connection, "SELECT 1 WHERE to_regclass(?) IS NOT NULL", name)) {
                    statement.execute(table.getValue());
                }
            }
            if (!exists(connection, ASKED, "anabranch.quarantine")) { // an earlier version has made it
                statement.execute(
                        "ALTER TABLE anabranch.quarantine ADD asked text, ADD asked_at timestamptz, ADD answer text");
            }
            if (!exists(connection, "SELECT 1 WHERE to_regclass(?) IS NOT NULL", "anabranch.quarantine_asked")) {
                statement.execute("CREATE INDEX quarantine_asked ON anabranch.quarantine (id) WHERE asked IS NOT NULL");
            }
        }
    }

    private static boolean exists(Connection connection, String sql, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }
}
