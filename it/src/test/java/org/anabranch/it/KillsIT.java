package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.anabranch.sandbox.SandboxProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything is killed with SIGKILL while mixed transactions and COPYs go on in the hub, and started again. In the end the
 * tables are the same, and on the way every read of a spoke sees whole transactions.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KillsIT {

    private static final String PIPELINE = "kills";
    private static final long SEED = Long.getLong("kills.seed", 42);
    /** About a hundred transactions a second: the test is of what is lost, not of how fast it goes. */
    private static final long PAUSE_NANOS = 10_000_000;

    private static final long READ_PAUSE_NANOS = 2_000_000;

    private static final int NODE_KILLS = Integer.getInteger("kills.nodes", 6);

    private final AtomicBoolean writing = new AtomicBoolean(true);
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong reads = new AtomicLong();
    private volatile String torn;
    private NodeProcesses nodes;
    private Thread writer;
    private Thread reader;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        Pipelines.create(PIPELINE, directory, "  - table: public.*\n");
        Tables.execute(
                PIPELINE,
                "hub",
                "CREATE TABLE mixed (id int PRIMARY KEY, v text, code int UNIQUE, big text)",
                "ALTER TABLE mixed ALTER big SET STORAGE EXTERNAL",
                "CREATE TABLE copied (id int PRIMARY KEY, batch int)",
                "CREATE TABLE pair_a (id int PRIMARY KEY, n bigint)",
                "CREATE TABLE pair_b (id int PRIMARY KEY, n bigint)",
                "INSERT INTO mixed SELECT i, 'v', i, repeat('x', 3000) FROM generate_series(1, 500) i",
                "INSERT INTO pair_a VALUES (1, 0)",
                "INSERT INTO pair_b VALUES (1, 0)");
        nodes = new NodeProcesses(PIPELINE, directory).startAll();
        Tables.awaitSame(PIPELINE, "mixed");
        writer = Thread.ofPlatform().name("writer").start(this::write);
        reader = Thread.ofPlatform().name("reader").start(this::read);
    }

    @AfterAll
    void stop() throws Exception {
        writing.set(false);
        if (writer != null) {
            writer.join();
            reader.join();
        }
        if (nodes != null) {
            nodes.close();
        }
    }

    @Test
    @Order(1)
    void nodesAreKilledAtRandomMoments() throws Exception {
        Random random = new Random(SEED);
        for (int i = 0; i < NODE_KILLS; i++) {
            String place = Pipelines.PLACES.get(i % Pipelines.PLACES.size());
            long from = written.get();
            // Some while they start, some while they stream.
            long more = 5L + random.nextInt(random.nextBoolean() ? 60 : 600);
            await().atMost(Tables.PATIENCE).until(() -> written.get() > from + more);
            nodes.node(place).kill();
            nodes.node(place).start();
        }
        settle();
    }

    @Test
    @Order(2)
    void brokersAreKilled() throws Exception {
        for (String place : List.of("hub", "eu")) {
            restart(SharedCluster.get().region(place).kafka());
        }
        settle();
    }

    @Test
    @Order(3)
    void databasesAreKilled() throws Exception {
        for (String place : List.of("hub", "us")) {
            restart(SharedCluster.get().region(place).postgres());
        }
        settle();
    }

    @Test
    @Order(4)
    void aSecondCaptureAndASecondApplierWaitAndSayForWhom(@TempDir Path other) throws Exception {
        Files.copy(nodes.node("hub").logFile().resolveSibling(PIPELINE + ".yaml"), other.resolve(PIPELINE + ".yaml"));
        try (NodeProcesses second = new NodeProcesses(PIPELINE, other)) {
            second.node("hub").start();
            second.node("eu").start();
            await().atMost(Tables.PATIENCE)
                    .until(() -> Files.readString(second.node("hub").logFile()).contains("another capture runs"));
            await().atMost(Tables.PATIENCE)
                    .until(() -> Files.readString(second.node("eu").logFile()).contains("another applier"));
        }
        settle();
    }

    @Test
    @Order(5)
    void noRowOfItIsLostRepeatedOrTorn() throws Exception {
        writing.set(false);
        writer.join();
        reader.join();
        assertThat(torn).isNull();
        assertThat(reads.get()).isGreaterThan(50);
        for (String table : List.of("mixed", "copied", "pair_a", "pair_b")) {
            Tables.awaitSame(PIPELINE, table);
        }
        assertThat(Tables.value(PIPELINE, "eu", "SELECT count(*) FROM anabranch.quarantine"))
                .isEqualTo("0");
        assertThat(Tables.value(PIPELINE, "us", "SELECT n FROM pair_a"))
                .isEqualTo(Tables.value(PIPELINE, "hub", "SELECT n FROM pair_b"));
    }

    private static void restart(SandboxProcess process) {
        process.kill();
        process.start();
    }

    private void settle() throws Exception {
        Tables.awaitReplicatedUntilNow(PIPELINE);
        assertThat(torn).isNull();
    }

    private void write() {
        Random random = new Random(SEED);
        int nextCopied = 0;
        while (writing.get()) {
            try (Connection hub = Pipelines.connect(PIPELINE, "hub");
                    Statement statement = hub.createStatement()) {
                hub.setAutoCommit(false);
                while (writing.get()) {
                    nextCopied = transaction(statement, random, nextCopied);
                    hub.commit();
                    written.incrementAndGet();
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (SQLException e) {
                // The database is being killed; what was not acknowledged may or may not be there, in every region
                // alike.
                nextCopied += 10_000;
            }
        }
    }

    private static int transaction(Statement statement, Random random, int nextCopied) throws SQLException {
        statement.execute("UPDATE pair_a SET n = n + 1");
        int id = 1 + random.nextInt(500);
        switch (random.nextInt(6)) {
            case 0 -> statement.execute("UPDATE mixed SET v = v || 'x' WHERE id = " + id);
            case 1 -> statement.execute("DELETE FROM mixed WHERE id = " + id);
            case 2 ->
                statement.execute("INSERT INTO mixed VALUES (" + id + ", 'new', " + id
                        + ", repeat('y', 3000)) ON CONFLICT DO NOTHING");
            case 3 -> {
                statement.execute("DELETE FROM mixed WHERE id = " + (id + 1000));
                statement.execute("UPDATE mixed SET id = id + 1000 WHERE id = " + id);
            }
            case 4 -> statement.execute("UPDATE mixed SET code = -code WHERE id BETWEEN " + id + " AND " + (id + 10));
            default -> {
                statement.execute("INSERT INTO copied SELECT i, " + nextCopied + " FROM generate_series(" + nextCopied
                        + ", " + (nextCopied + 199) + ") i");
                return finish(statement, nextCopied + 200);
            }
        }
        return finish(statement, nextCopied);
    }

    private static int finish(Statement statement, int nextCopied) throws SQLException {
        statement.execute("UPDATE pair_b SET n = n + 1");
        return nextCopied;
    }

    /** A transaction that is not whole shows as two counters that differ. */
    private void read() {
        while (writing.get()) {
            try (Connection eu = Pipelines.connect(PIPELINE, "eu");
                    Statement statement = eu.createStatement()) {
                long last = -1;
                while (writing.get()) {
                    try (var row = statement.executeQuery("SELECT a.n, b.n FROM pair_a a, pair_b b")) {
                        row.next();
                        if (row.getLong(1) != row.getLong(2) || row.getLong(1) < last) {
                            torn = "read " + row.getLong(1) + " and " + row.getLong(2) + " after " + last;
                        }
                        last = row.getLong(1);
                        reads.incrementAndGet();
                        LockSupport.parkNanos(READ_PAUSE_NANOS);
                    }
                }
            } catch (SQLException e) {
                // killed, and started again
            }
        }
    }
}
