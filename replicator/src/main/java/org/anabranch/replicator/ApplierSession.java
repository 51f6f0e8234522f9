package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Opens the applier's one connection, with everything set that decides how values are read and who may be there. */
final class ApplierSession {

    private static final int CONNECT_TIMEOUT_SECONDS = 10;

    /** A server that has not answered for so long is taken as gone. */
    private static final int SOCKET_TIMEOUT_SECONDS = 300;

    /**
     * lock_timeout stays below deadlock_timeout's default of one second, so that a user's transaction is never the victim.
     * Without sequential scans and hash joins, a set of keys always goes through the primary key, also when the plan was made
     * while the table was empty.
     */
    private static final List<String> SETTINGS = List.of(
            "search_path = pg_catalog",
            "DateStyle = 'ISO, YMD'",
            "IntervalStyle = postgres",
            "TimeZone = 'UTC'",
            "bytea_output = hex",
            "extra_float_digits = 3",
            "lc_monetary = 'C'",
            "array_nulls = on",
            "xmloption = content",
            "quote_all_identifiers = off",
            "standard_conforming_strings = on",
            "lock_timeout = '500ms'",
            "statement_timeout = 0",
            "idle_in_transaction_session_timeout = 0",
            "idle_session_timeout = 0",
            "default_transaction_isolation = 'read committed'",
            "default_transaction_read_only = off",
            "synchronous_commit = on",
            "row_security = on",
            "tcp_keepalives_idle = 10",
            "tcp_keepalives_interval = 5",
            "tcp_keepalives_count = 3",
            "enable_seqscan = off",
            "enable_hashjoin = off",
            "enable_mergejoin = off",
            "jit = off");

    private ApplierSession() {}

    /**
     * A connection without auto-commit that holds the replication origin. Blocks until the server has answered.
     *
     * @throws SQLException also where another applier holds the origin, or a right is missing: the message says so
     */
    static Connection open(ApplierSettings settings) throws SQLException {
        Connection connection = connect(settings.database(), "anabranch applier " + settings.region());
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET " + String.join("; SET ", SETTINGS));
            }
            replicate(connection, settings);
            holdOrigin(connection, settings);
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    static Connection connect(DatabaseSettings database, String applicationName) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", database.user());
        properties.setProperty("password", database.password());
        properties.setProperty("ApplicationName", applicationName);
        properties.setProperty("connectTimeout", Integer.toString(CONNECT_TIMEOUT_SECONDS));
        properties.setProperty("loginTimeout", Integer.toString(CONNECT_TIMEOUT_SECONDS));
        properties.setProperty("socketTimeout", Integer.toString(SOCKET_TIMEOUT_SECONDS));
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("prepareThreshold", "1");
        return DriverManager.getConnection(database.url(), properties);
    }

    private static void replicate(Connection connection, ApplierSettings settings) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = replica");
        } catch (SQLException e) {
            throw explained(
                    e,
                    "the role " + settings.database().user() + " may not set session_replication_role; as a superuser: "
                            + Rights.setReplicationRole(settings.database().user()));
        }
    }

    private static void holdOrigin(Connection connection, ApplierSettings settings) throws SQLException {
        String origin = settings.replicationOrigin();
        try {
            if (!exists(connection, origin)) {
                call(connection, "SELECT pg_replication_origin_create(?)", origin);
            }
            call(connection, "SELECT pg_replication_origin_session_setup(?)", origin);
        } catch (SQLException e) {
            if ("42501".equals(e.getSQLState())) {
                String grants = String.join(
                        "; ", Rights.replicationOrigin(settings.database().user()));
                throw explained(
                        e,
                        "the role " + settings.database().user() + " may not use replication origins; as a"
                                + " superuser, in this database: " + grants);
            }
            if ("55006".equals(e.getSQLState())) {
                throw explained(
                        e,
                        "another applier of the pipeline " + settings.pipeline() + " is at work in this database ("
                                + Faults.message(e) + "); only one may be");
            }
            throw e;
        }
    }

    private static boolean exists(Connection connection, String origin) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT 1 FROM pg_replication_origin WHERE roname = ?")) {
            statement.setString(1, origin);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    private static void call(Connection connection, String sql, String origin) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, origin);
            statement.execute();
        }
    }

    private static SQLException explained(SQLException cause, String message) {
        @Nullable String state = cause.getSQLState();
        return new SQLException(message, state, cause);
    }
}
