package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.anabranch.capture.DatabaseSettings;
import org.anabranch.capture.SourceCheck;
import org.anabranch.sandbox.FreePorts;
import org.anabranch.sandbox.PostgresServer;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.Finding.Severity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is wrong with a source's server, or with reaching it, is found with its name, the value, and what helps. */
class SourceServerCheckIT extends CheckedSource {

    @Test
    void aSlotOfSomethingElseIsFoundAndOurOwnIsNot() throws SQLException {
        superuser("CREATE TABLE a (id int PRIMARY KEY)");
        superuser("SELECT pg_create_logical_replication_slot('anabranch_shop', 'pgoutput')");
        assertThat(check("postgres", "public.a")).isEmpty();
        superuser("SELECT pg_drop_replication_slot('anabranch_shop')");
        SharedPostgres.createDatabase("checked_beside");
        try (Connection beside = SharedPostgres.superuser("checked_beside")) {
            SharedPostgres.execute(beside, "SELECT pg_create_logical_replication_slot('anabranch_shop', 'pgoutput')");
            assertFound(
                    check("postgres", "public.a"),
                    Severity.ERROR,
                    "slot anabranch_shop",
                    "database 'checked_beside'",
                    "pg_drop_replication_slot('anabranch_shop')");
            SharedPostgres.execute(beside, "SELECT pg_drop_replication_slot('anabranch_shop')");
        }
    }

    @Test
    void rowsThatASubscriptionBringsAreWarnedOf() throws SQLException {
        superuser(
                "CREATE TABLE a (id int PRIMARY KEY)",
                "CREATE SUBSCRIPTION from_afar CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p"
                        + " WITH (connect = false, slot_name = NONE)");
        assertFound(
                check("postgres", "public.a"), Severity.WARNING, "subscription from_afar", "origin", "where they are");
        superuser("DROP SUBSCRIPTION from_afar");
    }

    @Test
    void aWrongPasswordIsSaidAndNotShown() {
        DatabaseSettings right = SharedPostgres.settings(DATABASE, ROLE);
        DatabaseSettings wrong = new DatabaseSettings(right.url(), ROLE, "canary-wrong");
        List<Finding> findings = new SourceCheck(settings(wrong, "public.a")).findings();
        assertThat(findings).hasSize(1);
        assertFound(findings, Severity.UNREACHABLE, DATABASE, "password of role checker is wrong", "ALTER ROLE");
    }

    @Test
    void aDatabaseThatIsAwayOrMissingOrClosedIsSaid() throws SQLException {
        DatabaseSettings nobody = new DatabaseSettings("jdbc:postgresql://127.0.0.1:1/x", ROLE, "canary");
        assertFound(
                new SourceCheck(settings(nobody, "a")).findings(),
                Severity.UNREACHABLE,
                "127.0.0.1:1/x",
                "cannot be reached",
                "start the server");
        assertFound(
                new SourceCheck(settings(SharedPostgres.settings("not_there", ROLE), "a")).findings(),
                Severity.UNREACHABLE,
                "not_there",
                "there is no database not_there",
                "CREATE DATABASE \"not_there\"");
        superuser("REVOKE CONNECT ON DATABASE " + DATABASE + " FROM PUBLIC");
        assertFound(check(ROLE, "a"), Severity.UNREACHABLE, DATABASE, "lacks a right", "GRANT CONNECT ON DATABASE");
        superuser("GRANT CONNECT ON DATABASE " + DATABASE + " TO PUBLIC", "ALTER ROLE " + ROLE + " CONNECTION LIMIT 0");
        assertFound(check(ROLE, "a"), Severity.UNREACHABLE, DATABASE, "no connection left", "CONNECTION LIMIT");
    }

    @Test
    void settingsOfTheServerThatDoNotFitAreFoundAtOnce(@TempDir Path directory) throws SQLException, IOException {
        PostgresServer server = new PostgresServer(new PostgresServer.Settings(
                "unfit",
                directory,
                FreePorts.next(),
                Map.of(
                        "wal_level", "replica",
                        "track_commit_timestamp", "off",
                        "max_replication_slots", "1",
                        "max_wal_senders", "1",
                        "max_slot_wal_keep_size", "100MB",
                        "idle_replication_slot_timeout", "10min")));
        server.start();
        try {
            server.execute(
                    "CREATE DATABASE bytes ENCODING SQL_ASCII TEMPLATE template0 LOCALE 'C' LOCALE_PROVIDER libc");
            server.execute("SELECT pg_create_physical_replication_slot('other')");
            DatabaseSettings database = new DatabaseSettings(
                    server.jdbcUrl("bytes"), PostgresServer.SUPERUSER, PostgresServer.SUPERUSER_PASSWORD);
            try (Connection walsender = walsender(database)) {
                assertThat(walsender.isClosed()).isFalse();
                List<Finding> findings = new SourceCheck(settings(database, "public.*")).findings();
                assertFound(findings, Severity.ERROR, "server", "wal_level is replica", "wal_level = logical");
                assertFound(
                        findings,
                        Severity.ERROR,
                        "server",
                        "max_replication_slots is 1 and 1",
                        "max_replication_slots = 6");
                assertFound(findings, Severity.ERROR, "server", "max_wal_senders is 1 and 1", "max_wal_senders = 6");
                assertFound(findings, Severity.ERROR, "database bytes", "SQL_ASCII", "UTF8");
                assertFound(findings, Severity.WARNING, "server", "max_slot_wal_keep_size is 100 MB", "ALTER SYSTEM");
                assertFound(findings, Severity.WARNING, "server", "idle_replication_slot_timeout is 600 s", "= 0");
                assertFound(findings, Severity.ERROR, "tables", "matches no table", "has no tables");
                server.execute("bytes", "CREATE TABLE shared (id int PRIMARY KEY)");
                assertFound(
                        new SourceCheck(settings(database, "public.*")).findings(),
                        Severity.ERROR,
                        "server",
                        "track_commit_timestamp is off",
                        "track_commit_timestamp = on");
            }
        } finally {
            server.stop();
        }
    }

    private static Connection walsender(DatabaseSettings database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", database.user());
        properties.setProperty("password", database.password());
        properties.setProperty("replication", "true");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("assumeMinServerVersion", "16");
        return DriverManager.getConnection(database.url(), properties);
    }
}
