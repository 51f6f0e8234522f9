package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A row that one region writes without pause takes in what the other does to it. */
class HotRowIT {

    private static final int ROUNDS = Integer.getInteger("hot.rounds", 2);
    private static final int INCREMENTS = 20;
    private static final long PAUSE_NANOS = 5_000_000; // up to 200 writes a second

    /** Of a round. Rows that are never locked take in a change by chance: two rounds needed 32,000 writes then, and now 800. */
    private static final int WRITES_MAX = 4_000;

    @TempDir
    Path directory;

    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final AtomicLong writes = new AtomicLong();
    private volatile boolean isHot = true;

    @Test
    void itTakesInWhatComesFromElsewhere() throws Exception {
        String table = "CREATE TABLE stock (id int PRIMARY KEY, name text, note text, on_hand int NOT NULL);"
                + " ALTER TABLE stock REPLICA IDENTITY FULL";
        var servers = List.of(Servers.postgres(), Servers.postgres());
        try (TwoRegions regions = new TwoRegions(servers, directory, table);
                Connection hot = regions.connect(0)) {
            regions.execute(0, "INSERT INTO stock VALUES (1, 'apple', 'old', 0)");
            awaitValue(1, regions, "SELECT note FROM stock", "old");
            Thread writer = Thread.ofPlatform().start(() -> write(hot));
            try {
                await().atMost(Tables.PATIENCE).until(() -> writes.get() > 200);
                for (int round = 1; round <= ROUNDS; round++) {
                    regions.execute(1, "UPDATE stock SET note = 'new " + round + "'");
                    awaitValue(0, regions, "SELECT note FROM stock", "new " + round);
                    for (int i = 0; i < INCREMENTS; i++) {
                        regions.execute(1, "UPDATE stock SET on_hand = on_hand + 1");
                    }
                    awaitValue(0, regions, "SELECT on_hand FROM stock", Integer.toString(round * INCREMENTS));
                }
            } finally {
                isHot = false;
                writer.join();
            }
            assertThat(failure.get()).isNull();
        }
    }

    /** How long it takes is said, and not judged: machines differ. How often the row was written meanwhile is. */
    private void awaitValue(int region, TwoRegions regions, String sql, String expected) {
        long began = System.nanoTime();
        long writesBefore = writes.get();
        await().atMost(Tables.PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .failFast("the row is never quiet", () -> writes.get() > (long) ROUNDS * WRITES_MAX)
                .untilAsserted(() -> assertThat(regions.value(region, sql))
                        .as("%s writes; %s", writes, regions.reports)
                        .isEqualTo(expected));
        long millis = (System.nanoTime() - began) / 1_000_000;
        LoggerFactory.getLogger(HotRowIT.class)
                .warn("{} gave {} after {} ms and {} local writes", sql, expected, millis, writes.get() - writesBefore);
    }

    private void write(Connection hot) {
        try {
            while (isHot) {
                SharedPostgres.execute(hot, "UPDATE stock SET name = 'n" + writes.incrementAndGet() + "'");
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (SQLException e) {
            failure.set(e);
        }
    }
}
