package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.anabranch.schemas.TableSchema;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Much at once. How much can be set: -Drows=1000000. */
class ApplierLoadIT extends SpokeTest {

    private static final Logger LOG = LoggerFactory.getLogger(ApplierLoadIT.class);
    private static final int ROWS = Integer.getInteger("rows", 200_000);
    private static final int ROWS_OF_A_TRANSACTION = 1_000;
    private static final int MARKER_EVERY_ROWS = 5_000;

    private TableSchema t;

    @BeforeEach
    void createTable() {
        hub.forgetWhatIsSent();
        t = spoke.table(
                "t",
                "id",
                "id bigint",
                "name text",
                "amount numeric(12,2)",
                "at timestamp with time zone",
                "flag boolean",
                "note text");
    }

    @Test
    void manyTransactionsAreCaughtUpFast() throws Exception {
        for (int row = 0; row < ROWS; row += ROWS_OF_A_TRANSACTION) {
            HubStream.Transaction transaction = hub.begin();
            for (int i = row; i < row + ROWS_OF_A_TRANSACTION; i++) {
                transaction.insert(t, row(i, "n"));
            }
            transaction.commitSoon();
        }
        for (int row = 0; row < ROWS; row += ROWS_OF_A_TRANSACTION) {
            HubStream.Transaction transaction = hub.begin();
            for (int i = row; i < row + ROWS_OF_A_TRANSACTION; i++) {
                transaction.update(t, row(i, "updated"));
            }
            transaction.commitSoon();
        }
        long last = hub.begin().commit();

        long started = System.nanoTime();
        long cpuBefore = cpuNanos();
        spoke.start();
        spoke.awaitApplied(last);
        long rowsPerSecond = 2L * ROWS * 1_000_000_000L / (System.nanoTime() - started);
        long cpuMicrosOfARow = (cpuNanos() - cpuBefore) / 1_000 / (2L * ROWS);
        LOG.atWarn().log("{} rows/s, {} us of CPU a row in this process", rowsPerSecond, cpuMicrosOfARow);

        assertThat(spoke.rows("SELECT count(*), count(*) FILTER (WHERE note = 'updated') FROM t"))
                .containsExactly(ROWS + "|" + ROWS);
        assertThat(rowsPerSecond).isGreaterThan(2_000); // far below what it reaches, for machines that are busy
    }

    @Test
    void aTransactionOfAnySizeIsAppliedInBoundedMemoryAndSeenAsAWhole() throws Exception {
        spoke.start();
        HubStream.Transaction large = hub.begin();
        for (int i = 0; i < ROWS; i++) {
            large.insert(t, row(i, "n"));
            if (i % MARKER_EVERY_ROWS == MARKER_EVERY_ROWS - 1) {
                large.mark();
            }
        }
        Thread reader = Thread.ofPlatform().start(large::commit);
        while (reader.isAlive()) {
            assertThat(List.of("0", Integer.toString(ROWS)))
                    .containsAll(spoke.tables().contains("t") ? spoke.rows("SELECT count(*) FROM t") : List.of());
        }
        spoke.awaitApplied(hub.lastHybridMicros());
        assertThat(spoke.rows("SELECT count(*) FROM t")).containsExactly(Integer.toString(ROWS));
    }

    @Test
    void rowsOfTenMegabytesAreApplied() throws Exception {
        TableSchema large = spoke.table("large", "id", "id integer", "v text");
        HubStream.Transaction transaction = hub.begin();
        for (int i = 0; i < 20; i++) {
            transaction.insert(large, Integer.toString(i), Integer.toString(i).repeat(10 << 20));
        }
        transaction.commit();
        spoke.start();
        spoke.awaitApplied(hub.lastHybridMicros());

        assertThat(spoke.rows("SELECT count(*), min(length(v)) FROM large")).containsExactly("20|" + (10 << 20));
    }

    private static long cpuNanos() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElse(Duration.ZERO)
                .toNanos();
    }

    private static String[] row(int i, String note) {
        return new String[] {
            Integer.toString(i), "name " + i, i % 1000 + ".25", "2026-01-02 03:04:05.678901+00", "t", note
        };
    }
}
