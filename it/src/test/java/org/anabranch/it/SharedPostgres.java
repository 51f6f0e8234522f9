package org.anabranch.it;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.anabranch.capture.DatabaseSettings;
import org.anabranch.capture.Sessions;
import org.anabranch.sandbox.PostgresServer;

/** One server of the shared cluster; each test class makes its databases. */
final class SharedPostgres {

    private static final PostgresServer SERVER =
            SharedCluster.get().region("eu").postgres();

    private SharedPostgres() {}

    /** A superuser's connection in autocommit with the server's own session settings. */
    static Connection superuser(String database) throws SQLException {
        return SERVER.connect(database);
    }

    /** A new, empty database, instead of one of that name. */
    static void createDatabase(String name, String... options) throws SQLException {
        try (Connection connection = superuser("postgres")) {
            execute(
                    connection,
                    "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)",
                    "CREATE DATABASE " + name + " " + String.join(" ", options));
        }
    }

    /** A role that may log in and nothing else. Its password is {@code canary-} and its name. */
    static void createRole(String name) throws SQLException {
        try (Connection connection = superuser("postgres")) {
            execute(
                    connection,
                    "DO $$ BEGIN CREATE ROLE " + name + "; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
                    "ALTER ROLE " + name + " LOGIN PASSWORD 'canary-" + name
                            + "' NOSUPERUSER NOREPLICATION NOCREATEDB NOCREATEROLE NOBYPASSRLS CONNECTION LIMIT -1");
        }
    }

    static DatabaseSettings settings(String database, String role) {
        String password = role.equals(PostgresServer.SUPERUSER) ? PostgresServer.SUPERUSER_PASSWORD : "canary-" + role;
        return new DatabaseSettings(SERVER.jdbcUrl(database), role, password);
    }

    static Connection open(String database, String role) throws SQLException {
        return Sessions.open(settings(database, role), "anabranch-it");
    }

    static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
