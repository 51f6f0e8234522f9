package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.anabranch.sandbox.FreePorts;
import org.anabranch.sandbox.PostgresServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who writes a row after having seen another region's change to it wins over that change, whatever the clocks say. */
class CausalityIT {

    private static final int KEYS = 3;
    private static final int ROUNDS = 100;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(longs = {5, -5})
    void theLastWriterHasSeenAllOthersAndWins(long secondsAhead) throws Exception {
        PostgresServer skewed = new PostgresServer(
                new PostgresServer.Settings("skewed", directory.resolve("postgres"), FreePorts.next())
                        .withClock(Duration.ofSeconds(secondsAhead)));
        skewed.start();
        String table = "CREATE TABLE stock (id int PRIMARY KEY, name text, on_hand int NOT NULL DEFAULT 0);"
                + " ALTER TABLE stock REPLICA IDENTITY FULL";
        try (TwoRegions regions = new TwoRegions(List.of(Servers.postgres(), skewed), directory, table)) {
            assertTheClockIsOff(regions, secondsAhead);
            for (int id = 0; id < KEYS; id++) {
                regions.execute(0, "INSERT INTO stock VALUES (" + id + ", 'first')");
                awaitName(regions, 1, id, "first");
            }
            for (int i = 0; i < ROUNDS; i++) {
                int region = i % 2;
                int id = i / 2 % KEYS;
                regions.execute(region, "UPDATE stock SET name = 'r" + i + "' WHERE id = " + id);
                awaitName(regions, 1 - region, id, "r" + i);
            }
            List<String> expected = new ArrayList<>();
            for (int id = 0; id < KEYS; id++) {
                expected.add(regions.value(0, "SELECT name FROM stock WHERE id = " + id));
                regions.execute(id % 2, "UPDATE stock SET on_hand = 1 WHERE id = " + id);
            }
            for (int id = 0; id < KEYS; id++) {
                for (int region = 0; region < 2; region++) {
                    await(regions, region, "SELECT on_hand FROM stock WHERE id = " + id, "1");
                    assertThat(regions.value(region, "SELECT name FROM stock WHERE id = " + id))
                            .isEqualTo(expected.get(id));
                }
            }
        } finally {
            skewed.stop();
        }
    }

    /** The clock of what is committed, not only the one that is shown. */
    private static void assertTheClockIsOff(TwoRegions regions, long secondsAhead) throws Exception {
        regions.execute(1, "INSERT INTO stock VALUES (-1, 'when')");
        String committed = "SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin))::bigint FROM stock WHERE id = -1";
        long ahead = Long.parseLong(regions.value(1, committed)) - Instant.now().getEpochSecond();
        assertThat(ahead).isBetween(secondsAhead - 2, secondsAhead + 2);
        assertThat(regions.clockAhead(1))
                .isBetween(Duration.ofSeconds(secondsAhead - 2), Duration.ofSeconds(secondsAhead + 2));
    }

    private static void awaitName(TwoRegions regions, int region, int id, String name) {
        await(regions, region, "SELECT name FROM stock WHERE id = " + id, name);
    }

    private static void await(TwoRegions regions, int region, String sql, String expected) {
        Awaitility.await()
                .atMost(Tables.PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(() -> assertThat(regions.value(region, sql))
                        .as("%s", regions.reports)
                        .isEqualTo(expected));
    }
}
