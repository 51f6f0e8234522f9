package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What does not fit into memory goes through all the same. The nodes are programs with a heap of 384 MB each.
 * {@code -Dlarge.rows=60 -Dtransaction.rows=1000000} is the size of the acceptance.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LargeIT {

    private static final String NAME = "large";

    private static final int TRANSACTION_ROWS = Integer.getInteger("transaction.rows", 70_000);
    private static final int LARGE_ROWS = Integer.getInteger("large.rows", 4);
    private static final int COPIED_ROWS = (LARGE_ROWS + 1) / 2;
    private static final int MEGABYTES = 10;
    private static final String TEN_MEGABYTES =
            "(SELECT string_agg(sha512((i || '.' || j)::text::bytea), '') FROM generate_series(1, "
                    + MEGABYTES * 1024 * 1024 / 64 + ") j)";
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private NodeProcesses nodes;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        Pipelines.create(NAME, directory, "  - table: public.*\n");
        Tables.execute(
                NAME,
                "hub",
                "CREATE TABLE transaction (id int PRIMARY KEY, v text, n int)",
                "CREATE TABLE large (id int PRIMARY KEY, n int, v text, b bytea)",
                // Some stand there before the start, and are copied.
                "INSERT INTO large SELECT -i, i, NULL, " + TEN_MEGABYTES + " FROM generate_series(1, " + COPIED_ROWS
                        + ") i");
        nodes = new NodeProcesses(NAME, directory).startAll();
    }

    @AfterAll
    void stop() {
        nodes.close();
    }

    @AfterEach
    void allNodesAreAlive() {
        for (String place : Pipelines.PLACES) {
            assertThat(nodes.node(place).isAlive()).as(place).isTrue();
        }
    }

    @Test
    void rowsOfTenMegabytesFitIntoSmallNodes() throws Exception {
        Tables.awaitSame(NAME, "large", PATIENCE);
        Tables.execute(
                NAME,
                "hub",
                "INSERT INTO large SELECT i, i, left(encode(" + TEN_MEGABYTES + ", 'hex'), " + MEGABYTES
                        + " * 1024 * 1024), NULL FROM generate_series(1, " + LARGE_ROWS + ") i",
                "UPDATE large SET n = n + 1",
                "UPDATE large SET b = v::bytea WHERE id BETWEEN 1 AND " + LARGE_ROWS / 3);
        Tables.awaitSame(NAME, "large", PATIENCE);
        assertThat(Tables.value(NAME, "eu", "SELECT count(*) || ' ' || max(length(v)) FROM large"))
                .isEqualTo((LARGE_ROWS + COPIED_ROWS) + " " + MEGABYTES * 1024 * 1024);
    }

    @Test
    void aTransactionThatIsLargerThanMemoryArrivesWhole() throws Exception {
        for (String spoke : List.of("eu", "us")) {
            await().atMost(PATIENCE)
                    .until(() -> Tables.value(NAME, spoke, "SELECT to_regclass('transaction')") != null);
        }
        long begun = System.nanoTime();
        Tables.execute(
                NAME,
                "hub",
                "INSERT INTO transaction SELECT i, repeat(md5(i::text), 31), i FROM generate_series(1, "
                        + TRANSACTION_ROWS + ") i");
        String all = Integer.toString(TRANSACTION_ROWS);
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> {
                            String seen = Tables.value(NAME, "eu", "SELECT count(*) FROM transaction");
                            assertThat(seen).isIn("0", all);
                            return seen;
                        },
                        all::equals);
        System.err.printf(
                "a transaction of %,d rows was there after %.1f s%n",
                TRANSACTION_ROWS, (System.nanoTime() - begun) / 1e9);
        Tables.awaitSame(NAME, "transaction", PATIENCE);
    }
}
