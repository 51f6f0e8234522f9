package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.anabranch.conflict.simulation.GuardContract;
import org.anabranch.conflict.simulation.ModelRow;
import org.anabranch.replicator.DatabaseSettings;
import org.anabranch.replicator.MergedTable;
import org.anabranch.sandbox.ChildProcesses;
import org.anabranch.sandbox.FreePorts;
import org.anabranch.sandbox.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the simulation's applier does with a row, the real one does on PostgreSQL. */
class GuardContractIT {

    private static final int CASES = GuardContract.cases().size();
    private static final int SEQUENCES = Integer.getInteger("guard.sequences", 30);

    private static PostgresServer server;
    private static Connection local;
    private static Connection reader;
    private static int tables;

    /** A server of its own: its oldest rows are from a time when it did not remember when. A table for each row. */
    @BeforeAll
    static void start() throws Exception {
        Path directory = ChildProcesses.temporaryFolder();
        int port = FreePorts.next();
        server = new PostgresServer(
                new PostgresServer.Settings("guard", directory, port, Map.of("track_commit_timestamp", "off")));
        server.start();
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            for (int table = 1; table <= CASES + SEQUENCES; table++) {
                statement.execute("CREATE TABLE guarded" + table + " (id int PRIMARY KEY, value text NOT NULL)");
                statement.execute("INSERT INTO guarded" + table + " VALUES (1, 'old')");
            }
        }
        server.stop();
        server = new PostgresServer(new PostgresServer.Settings("guard", directory, port));
        server.start();
        reader = server.connect("postgres");
        local = server.connect("postgres");
        local.setAutoCommit(false);
    }

    @AfterAll
    static void stop() throws SQLException {
        local.close();
        reader.close();
        server.stop();
    }

    static List<GuardContract.Case> cases() {
        return GuardContract.cases();
    }

    @ParameterizedTest
    @MethodSource("cases")
    @Timeout(300)
    void theGuardDoesWhatItHasTo(GuardContract.Case one) throws SQLException {
        try (PostgresRow row = newRow()) {
            if (one.initially() == null) {
                reader.createStatement().execute("DELETE FROM guarded" + tables);
            }
            one.steps().accept(row);
        }
    }

    @Test
    void theGuardDoesWhatItDoesInTheSimulation() throws SQLException {
        long seed = System.nanoTime();
        for (long sequence = seed; sequence < seed + SEQUENCES; sequence++) {
            try (PostgresRow row = newRow()) {
                assertThat(GuardContract.randomly(sequence, row))
                        .as("seed %s", sequence)
                        .isEqualTo(GuardContract.randomly(sequence, ModelRow.writtenLongAgo("old")));
            }
        }
    }

    /** It was written long ago. */
    private static PostgresRow newRow() throws SQLException {
        tables++;
        String table = "guarded" + tables;
        DatabaseSettings database = new DatabaseSettings(
                server.jdbcUrl("postgres"), PostgresServer.SUPERUSER, PostgresServer.SUPERUSER_PASSWORD);
        MergedTable applier =
                new MergedTable(database, Spoke.schema(table, List.of("id"), "", "id integer", "value text"));
        return new PostgresRow(local, reader, applier, table);
    }
}
