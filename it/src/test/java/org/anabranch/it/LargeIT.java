package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What does not fit into memory goes through all the same. The nodes are programs with a heap of 384 MB each.
 * {@code -Dlarge.rows=60 -Dtransaction.rows=1000000} is the size of the acceptance.
 */
class LargeIT {

    private static final int TRANSACTION_ROWS = Integer.getInteger("transaction.rows", 70_000);
    private static final int LARGE_ROWS = Integer.getInteger("large.rows", 4);
    private static final int COPIED_ROWS = (LARGE_ROWS + 1) / 2;
    private static final int MEGABYTES = 10;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Test
    void rowsOfTenMegabytesFitIntoSmallNodes(@TempDir Path directory) throws Exception {
        String name = "large";
        Pipelines.create(name, directory, "  - table: public.*\n");
        String tenMegabytes = "(SELECT string_agg(sha512((i || '.' || j)::text::bytea), '') FROM generate_series(1, "
                + MEGABYTES * 1024 * 1024 / 64 + ") j)";
        Tables.execute(
                name,
                "hub",
                "CREATE TABLE t (id int PRIMARY KEY, n int, v text, b bytea)",
                // Some stand there before the start, and are copied.
                "INSERT INTO t SELECT -i, i, NULL, " + tenMegabytes + " FROM generate_series(1, " + COPIED_ROWS + ") i");
        try (NodeProcesses nodes = new NodeProcesses(name, directory).startAll()) {
            Tables.awaitSame(name, "t", PATIENCE);
            Tables.execute(
                    name,
                    "hub",
                    "INSERT INTO t SELECT i, i, left(encode(" + tenMegabytes + ", 'hex'), " + MEGABYTES
                            + " * 1024 * 1024), NULL FROM generate_series(1, " + LARGE_ROWS + ") i",
                    "UPDATE t SET n = n + 1",
                    "UPDATE t SET b = v::bytea WHERE id BETWEEN 1 AND " + LARGE_ROWS / 3);
            Tables.awaitSame(name, "t", PATIENCE);
            assertThat(Tables.value(name, "eu", "SELECT count(*) || ' ' || max(length(v)) FROM t"))
                    .isEqualTo((LARGE_ROWS + COPIED_ROWS) + " " + MEGABYTES * 1024 * 1024);
            for (String place : Pipelines.PLACES) {
                assertThat(nodes.node(place).isAlive()).as(place).isTrue();
            }
        }
    }

    @Test
    void aTransactionThatIsLargerThanMemoryArrivesWhole(@TempDir Path directory) throws Exception {
        String name = "whole";
        Pipelines.create(name, directory, "  - table: public.*\n");
        Tables.execute(name, "hub", "CREATE TABLE t (id int PRIMARY KEY, v text, n int)");
        try (NodeProcesses nodes = new NodeProcesses(name, directory).startAll()) {
            for (String spoke : List.of("eu", "us")) {
                await().atMost(PATIENCE).until(() -> Tables.value(name, spoke, "SELECT to_regclass('t')") != null);
            }
            long begun = System.nanoTime();
            Tables.execute(
                    name,
                    "hub",
                    "INSERT INTO t SELECT i, repeat(md5(i::text), 31), i FROM generate_series(1, " + TRANSACTION_ROWS
                            + ") i");
            String all = Integer.toString(TRANSACTION_ROWS);
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .until(
                            () -> {
                                String seen = Tables.value(name, "eu", "SELECT count(*) FROM t");
                                assertThat(seen).isIn("0", all);
                                return seen;
                            },
                            all::equals);
            System.err.printf(
                    "a transaction of %,d rows was there after %.1f s%n",
                    TRANSACTION_ROWS, (System.nanoTime() - begun) / 1e9);
            Tables.awaitSame(name, "t", PATIENCE);
            for (String place : Pipelines.PLACES) {
                assertThat(nodes.node(place).isAlive()).as(place).isTrue();
            }
        }
    }
}
