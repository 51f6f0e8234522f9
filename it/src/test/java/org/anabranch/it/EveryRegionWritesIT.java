package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.anabranch.conflict.Stamp;
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
 * Three regions write the same rows without pause, under all policies at once, while everything is killed and started again, and
 * the links between them are cut and slow. In the end every region holds the same, and exactly what was acknowledged. All of it goes
 * on in turn until {@code -Deveryone.minutes=N} have passed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EveryRegionWritesIT {

    private static final String PIPELINE = "everyone";
    private static final long SEED = Long.getLong("everyone.seed", 42);
    private static final int NODE_KILLS = Integer.getInteger("everyone.nodes", 3);
    private static final Duration LASTS = Duration.ofMinutes(Long.getLong("everyone.minutes", 3));
    private static final Duration SLOW = Duration.ofMillis(200);
    private static final long SLOW_BYTES_PER_SECOND = 50_000;

    /** Which region reads from which: a spoke and the hub from each other. */
    private static final List<List<String>> READERS =
            List.of(List.of("eu", "hub"), List.of("hub", "eu"), List.of("us", "hub"), List.of("hub", "us"));

    private static final long READ_PAUSE_NANOS = 20_000_000;
    private static final List<String> TABLES = List.of("counts", "sets", "carts", "stock", "chains");

    private final AtomicBoolean writing = new AtomicBoolean(true);
    private final List<EveryRegionWriter> writers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Links links = SharedCluster.links();
    private final Random random = new Random(SEED);
    private final CausalChains chains = new CausalChains(PIPELINE, SEED, writing);
    private final long begun = System.nanoTime();
    private volatile String wentBack;
    private NodeProcesses nodes;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        Pipelines.createBehindLinks(PIPELINE, directory, """
                  - { table: public.chains, writers: all }
                  - { table: public.counts, writers: all, merge: { default: last-writer-wins-per-column, columns: { n: counter } } }
                  - { table: public.sets, writers: all, merge: { columns: { elements: set } } }
                  - { table: public.carts, writers: all }
                  - { table: public.stock, writers: all, delete: loses,
                      merge: { default: last-writer-wins-per-column, columns: { b: { prefer: everyone_eu }, n: counter } } }
                """);
        Tables.execute(
                PIPELINE,
                "hub",
                "CREATE TABLE counts (id int PRIMARY KEY, n bigint NOT NULL, by_hub text, by_eu text, by_us text)",
                "CREATE TABLE sets (id int PRIMARY KEY, elements text[])",
                "CREATE TABLE carts (id int PRIMARY KEY, a text, b text, n int)",
                "CREATE TABLE chains (id int PRIMARY KEY, hop int NOT NULL)",
                "CREATE TABLE stock (id int PRIMARY KEY, a text, b text, n int)");
        for (String table : TABLES) {
            Tables.execute(PIPELINE, "hub", "ALTER TABLE " + table + " REPLICA IDENTITY FULL");
        }
        Tables.execute(PIPELINE, "hub", "INSERT INTO counts VALUES (1, 0)", "INSERT INTO sets VALUES (1, '{}')");
        nodes = new NodeProcesses(PIPELINE, directory).startAll();
        await().atMost(Tables.PATIENCE)
                .ignoreExceptions()
                .until(() -> isEverywhere("counts") && isEverywhere("sets") && isCapturedEverywhere());
        threads.add(Thread.ofPlatform().name("chains").start(chains));
        for (String place : Pipelines.PLACES) {
            EveryRegionWriter writer = new EveryRegionWriter(PIPELINE, place, SEED + place.hashCode(), writing);
            writers.add(writer);
            threads.add(Thread.ofPlatform().name("writer " + place).start(writer));
            threads.add(Thread.ofPlatform().name("reader " + place).start(() -> read(place)));
        }
    }

    private static boolean isEverywhere(String table) throws SQLException {
        for (String place : Pipelines.PLACES) {
            if (!"1".equals(Tables.value(PIPELINE, place, "SELECT count(*) FROM " + table))) {
                return false;
            }
        }
        return true;
    }

    /** What is written before that enters as the region's own rows, and not as changes of them. */
    private static boolean isCapturedEverywhere() throws SQLException {
        for (String place : Pipelines.PLACES) {
            String origins = "SELECT count(DISTINCT origin) FROM anabranch.progress WHERE committed_at > 0";
            if (!"3".equals(Tables.value(PIPELINE, place, origins))) {
                return false;
            }
        }
        return true;
    }

    @AfterAll
    void stop() throws Exception {
        links.healAll();
        writing.set(false);
        for (Thread thread : threads) {
            thread.join();
        }
        if (nodes != null) {
            nodes.close();
        }
    }

    @Test
    @Order(1)
    void nodesAreKilledAtRandomMoments() throws Exception {
        killNodes();
    }

    private void killNodes() throws Exception {
        for (int i = 0; i < NODE_KILLS; i++) {
            String place = Pipelines.PLACES.get(i % Pipelines.PLACES.size());
            awaitMore(5 + random.nextInt(random.nextBoolean() ? 30 : 150));
            nodes.node(place).kill();
            awaitMore(random.nextInt(30));
            nodes.node(place).start();
        }
    }

    @Test
    @Order(2)
    void brokersAreKilled() throws Exception {
        killBrokers();
    }

    private void killBrokers() throws Exception {
        for (String place : List.of("hub", "us")) {
            awaitMore(30);
            restart(SharedCluster.get().region(place).kafka());
        }
    }

    @Test
    @Order(3)
    void databasesAreKilled() throws Exception {
        killDatabases();
    }

    private void killDatabases() throws Exception {
        for (String place : List.of("eu", "hub")) {
            awaitMore(30);
            restart(SharedCluster.get().region(place).postgres());
        }
    }

    /** Each of them until the regions have written some hundred times more. */
    @Test
    @Order(4)
    void linksAreCutAndMended() {
        cutLinks();
    }

    private void cutLinks() {
        for (List<String> link : inRandomOrder()) {
            awaitReading(link);
            links.cut(link.get(0), link.get(1));
            assertThat(links.connections(link.get(0), link.get(1))).isZero();
            awaitMore(100 + random.nextInt(200));
            links.heal(link.get(0), link.get(1));
        }
    }

    @Test
    @Order(5)
    void linksAreSlow() {
        slowLinks();
    }

    private void slowLinks() {
        for (List<String> link : inRandomOrder()) {
            awaitReading(link);
            links.slow(link.get(0), link.get(1), SLOW, SLOW_BYTES_PER_SECOND);
            awaitMore(100 + random.nextInt(100));
            links.heal(link.get(0), link.get(1));
        }
    }

    /** That the link is what the region reads over: else nothing would be cut. */
    private void awaitReading(List<String> link) {
        await().atMost(Tables.PATIENCE).until(() -> links.connections(link.get(0), link.get(1)) > 0);
    }

    private List<List<String>> inRandomOrder() {
        List<List<String>> order = new ArrayList<>(READERS);
        Collections.shuffle(order, random);
        return order;
    }

    @Test
    @Order(6)
    void allOfItGoesOnForAsLongAsAsked() throws Exception {
        List<Faults> all =
                List.of(this::killNodes, this::cutLinks, this::killBrokers, this::slowLinks, this::killDatabases);
        for (int i = 0; System.nanoTime() - begun < LASTS.toNanos(); i++) {
            all.get(i % all.size()).happen();
        }
    }

    private interface Faults {
        void happen() throws Exception;
    }

    private void awaitMore(int transactions) {
        long from = transactions();
        await().atMost(Tables.PATIENCE).until(() -> transactions() >= from + transactions);
    }

    private long transactions() {
        return writers.stream().mapToLong(writer -> writer.transactions.get()).sum();
    }

    private static void restart(SandboxProcess process) {
        process.kill();
        process.start();
    }

    @Test
    @Order(7)
    void allRegionsHoldTheSameAndExactlyWhatWasAcknowledged() throws Exception {
        awaitMore(30);
        writing.set(false);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(writers).allSatisfy(writer -> assertThat(writer.failure).isNull());
        for (String table : TABLES) {
            await().atMost(Tables.PATIENCE).ignoreExceptions().untilAsserted(() -> Tables.assertSame(PIPELINE, table));
        }
        long counted =
                writers.stream().mapToLong(writer -> writer.counted.get()).sum();
        long perhaps = writers.stream()
                .mapToLong(writer -> writer.perhapsCounted.get())
                .sum();
        await().atMost(Tables.PATIENCE)
                .untilAsserted(() -> assertThat(Long.parseLong(Tables.value(PIPELINE, "us", "SELECT n FROM counts")))
                        .as("after %s transactions", transactions())
                        .isBetween(counted, counted + perhaps));
        List<String> elements = List.of(Tables.value(PIPELINE, "eu", "SELECT array_to_string(elements, ',') FROM sets")
                .split(",", -1));
        for (EveryRegionWriter writer : writers) {
            assertThat(elements).containsAll(writer.added).noneMatch(writer.removed::contains);
        }
        for (String table : TABLES) {
            Tables.assertSame(PIPELINE, table);
        }
        for (String place : Pipelines.PLACES) {
            assertThat(Tables.value(PIPELINE, place, "SELECT count(*) FROM anabranch.quarantine"))
                    .isEqualTo("0");
            await().atMost(Tables.PATIENCE).untilAsserted(() -> assertThat(
                            Tables.value(PIPELINE, place, "SELECT count(*) FROM anabranch.deferred"))
                    .isEqualTo("0"));
        }
    }

    /** A hop of which nobody knows the outcome may be there. */
    @Test
    @Order(8)
    void whoHasSeenARowAndWritesItWins() throws Exception {
        assertThat(chains.failure).isNull();
        assertThat(chains.acknowledged).isNotEmpty();
        int last = Collections.max(chains.acknowledged.keySet());
        for (String place : Pipelines.PLACES) {
            for (var row : chains.acknowledged.entrySet()) {
                int hop = Integer.parseInt(
                        Tables.value(PIPELINE, place, "SELECT hop FROM chains WHERE id = " + row.getKey()));
                assertThat(hop)
                        .as("row %s in %s", row.getKey(), place)
                        .isBetween(row.getValue(), row.getValue() + (row.getKey() == last ? 1 : 0));
            }
        }
    }

    /** An applier's writes, captured, would be more; and they would come back, and be written, and captured again. */
    @Test
    @Order(9)
    void inEveryTopicStandsWhatItsRegionWroteAndNothingElse() throws Exception {
        for (EveryRegionWriter writer : writers) {
            Set<Stamp> own = captured(writer.place, writer.place);
            long written = writer.transactions.get();
            assertThat((long) own.size())
                    .as("changes of counts by %s", writer.place)
                    .isBetween(written, written + writer.perhapsWritten.get());
            for (String place : Pipelines.PLACES) {
                assertThat(captured(place, writer.place))
                        .as("of %s in %s", writer.place, place)
                        .isEqualTo(own);
            }
        }
    }

    /** Every transaction updates this table once. */
    private static Set<Stamp> captured(String place, String origin) throws Exception {
        String kafka = SharedCluster.get().region(place).kafka().bootstrap();
        return CapturedUpdates.of(kafka, PIPELINE + "_" + origin, "counts");
    }

    @Test
    @Order(10)
    void noReaderSawACounterGoBack() {
        assertThat(wentBack).isNull();
    }

    /** Only ever added to, so that who reads it sees it grow. */
    private void read(String place) {
        long last = 0;
        while (writing.get()) {
            try (Connection connection = Pipelines.connect(PIPELINE, place);
                    Statement statement = connection.createStatement()) {
                while (writing.get()) {
                    try (var row = statement.executeQuery("SELECT n FROM counts")) {
                        row.next();
                        if (row.getLong(1) < last) {
                            wentBack = place + " read " + row.getLong(1) + " after " + last;
                        }
                        last = row.getLong(1);
                    }
                    LockSupport.parkNanos(READ_PAUSE_NANOS);
                }
            } catch (SQLException e) {
                // killed, and started again
            }
        }
    }
}
