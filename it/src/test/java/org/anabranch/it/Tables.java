package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;

/** Compares tables between regions as COPY writes them, under settings that show every digit. */
final class Tables {

    /** With which everything is waited for: no test fails because the machine is slow. */
    static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(200);

    private static final String EXACT =
            "SET DateStyle = 'ISO, YMD'; SET IntervalStyle = postgres; SET bytea_output = hex;"
                    + " SET extra_float_digits = 3; SET TimeZone = 'UTC'; SET lc_monetary = 'C'";

    private Tables() {}

    /**
     * Waits until the spokes say that everything committed in the hub by now is there, and takes them at their word: the table
     * then holds the same rows everywhere.
     */
    static void awaitSame(String pipeline, String table) throws SQLException, IOException {
        awaitSame(pipeline, table, PATIENCE);
    }

    static void awaitSame(String pipeline, String table, Duration patience) throws SQLException, IOException {
        awaitReplicatedUntilNow(pipeline, patience);
        assertSame(pipeline, table);
    }

    /** What {@link #awaitSame} looks at in the end. */
    static void assertSame(String pipeline, String table) throws SQLException, IOException {
        String expected = digest(pipeline, "hub", table);
        for (String place : List.of("eu", "us")) {
            if (!digest(pipeline, place, table).equals(expected)) {
                List<String> missing = new ArrayList<>(rows(pipeline, "hub", table));
                List<String> extra = new ArrayList<>(rows(pipeline, place, table));
                missing.removeAll(new HashSet<>(extra));
                extra.removeAll(new HashSet<>(rows(pipeline, "hub", table)));
                assertThat(extra)
                        .as("rows of %s that only %s has; only the hub has %s", table, place, missing)
                        .isEmpty();
                assertThat(missing).as("rows of %s that %s lacks", table, place).isEmpty();
            }
        }
    }

    static void awaitReplicatedUntilNow(String pipeline) throws SQLException {
        awaitReplicatedUntilNow(pipeline, PATIENCE);
    }

    private static void awaitReplicatedUntilNow(String pipeline, Duration patience) throws SQLException {
        long nowMicros = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
        beat(pipeline, nowMicros);
        for (String place : List.of("eu", "us")) {
            await().atMost(patience)
                    .pollInterval(POLL_INTERVAL)
                    .ignoreExceptions()
                    .until(() -> replicatedUntilMicros(pipeline, place) >= nowMicros);
        }
    }

    /** Does not wait for the next heartbeat, but brings it on, with the time by the nodes' clock, which is this one. */
    private static void beat(String pipeline, long nowMicros) throws SQLException {
        if (value(pipeline, "hub", "SELECT to_regclass('anabranch.heartbeat')") != null) {
            execute(pipeline, "hub", "UPDATE anabranch.heartbeat SET token = '" + nowMicros + "' WHERE name = 'beat'");
        }
    }

    private static long replicatedUntilMicros(String pipeline, String place) throws SQLException {
        return Long.parseLong(value(pipeline, place, "SELECT coalesce(min(committed_at), 0) FROM anabranch.progress"));
    }

    private static String digest(String pipeline, String place, String table) throws SQLException {
        try (Connection connection = Pipelines.connect(pipeline, place);
                Statement statement = connection.createStatement()) {
            statement.execute(EXACT);
            try (ResultSet row =
                    statement.executeQuery("SELECT count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)), 0)"
                            + " FROM " + table + " t")) {
                row.next();
                return row.getString(1);
            }
        }
    }

    /** A table's rows as COPY writes them, sorted. */
    static List<String> rows(String pipeline, String place, String table) throws SQLException, IOException {
        try (Connection connection = Pipelines.connect(pipeline, place);
                Statement statement = connection.createStatement()) {
            statement.execute(EXACT);
            StringWriter out = new StringWriter();
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut("COPY (SELECT * FROM " + table + ") TO STDOUT", out);
            List<String> rows = new ArrayList<>(out.toString().lines().toList());
            rows.sort(null);
            return rows;
        }
    }

    static void execute(String pipeline, String place, String... statements) throws SQLException {
        try (Connection connection = Pipelines.connect(pipeline, place);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** All statements in one transaction. */
    static void transaction(String pipeline, String place, String... statements) throws SQLException {
        try (Connection connection = Pipelines.connect(pipeline, place);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
            connection.commit();
        }
    }

    static String value(String pipeline, String place, String query) throws SQLException {
        try (Connection connection = Pipelines.connect(pipeline, place);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? row.getString(1) : null;
        }
    }
}
