package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import org.anabranch.node.config.Pipeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What was written while the spokes were down is caught up, and what stood in the hub is copied. Prints the rates, and fails on
 * none; {@code -Dcatchup.rows=300000 -Dcopy.rows=1000000} is the size of the acceptance.
 */
class CatchUpIT {

    private static final int ROWS = Integer.getInteger("catchup.rows", 20_000);
    private static final int COPIED_ROWS = Integer.getInteger("copy.rows", 100_000);
    private static final int ROWS_A_TRANSACTION = 1_000;
    private static final String INSERT =
            "INSERT INTO t SELECT i, 'name ' || i, md5(i::text), i, i / 7.0 FROM generate_series(%d, %d) i";

    @TempDir
    Path directory;

    /** With one writer, and with several that are in no conflict. */
    @ParameterizedTest
    @ValueSource(strings = {"hub", "all"})
    void insertsAndUpdatesMadeWhileTheSpokesAreDownAreCaughtUp(String writers) throws Exception {
        String name = "catchup_" + writers;
        Pipeline pipeline = withTable(name, writers);
        try (Nodes nodes = Nodes.start(pipeline, directory)) {
            nodes.awaitRunning();
        }
        writeInTransactions(name, INSERT);
        writeInTransactions(name, "UPDATE t SET n = n + 1, b = md5(b) WHERE id BETWEEN %d AND %d");

        awaitSameAndSayHowFast(pipeline, name, 2 * ROWS);

        assertThat(Tables.value(name, "us", "SELECT count(*) || ' ' || sum(n - id) FROM t"))
                .isEqualTo(ROWS + " " + ROWS);
    }

    @Test
    void rowsThatStoodInTheHubAreCopied() throws Exception {
        String name = "copyrate";
        Pipeline pipeline = withTable(name, "hub");
        Tables.execute(name, "hub", INSERT.formatted(1, COPIED_ROWS));

        awaitSameAndSayHowFast(pipeline, name, COPIED_ROWS);
    }

    private Pipeline withTable(String name, String writers) throws Exception {
        boolean isContested = writers.equals("all");
        Pipeline pipeline = Pipelines.create(
                name, directory, "  - { table: public.t, writers: " + (isContested ? "all" : name + "_hub") + " }\n");
        Tables.execute(
                name,
                "hub",
                "CREATE TABLE t (id int PRIMARY KEY, a text, b text, n int, amount numeric(12,2), at timestamptz DEFAULT now())",
                "ALTER TABLE t REPLICA IDENTITY " + (isContested ? "FULL" : "DEFAULT"));
        return pipeline;
    }

    private void awaitSameAndSayHowFast(Pipeline pipeline, String name, int changes) throws Exception {
        long begun = System.nanoTime();
        try (Nodes nodes = Nodes.start(pipeline, directory)) {
            Tables.awaitReplicatedUntilNow(name);
            double seconds = (System.nanoTime() - begun) / 1e9;
            System.err.printf(
                    "%s: %,d changes in %.1f s: %,.0f rows/s per spoke, start included%n",
                    name, changes, seconds, changes / seconds);
            Tables.assertSame(name, "t");
        }
    }

    private static void writeInTransactions(String pipeline, String sql) throws Exception {
        try (Connection hub = Pipelines.connect(pipeline, "hub");
                Statement statement = hub.createStatement()) {
            for (int from = 1; from <= ROWS; from += ROWS_A_TRANSACTION) {
                statement.execute(sql.formatted(from, from + ROWS_A_TRANSACTION - 1));
            }
        }
    }
}
