package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What can happen to rows in the hub, and that it ends as the same rows in the spokes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChangesIT {

    private static final String PIPELINE = "changes";

    /** Between transactions, and between reads: two cores carry all three regions. */
    private static final long PAUSE_NANOS = 1_000_000;

    private Nodes nodes;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        var pipeline = Pipelines.create(
                PIPELINE, directory, "  - table: public.*\n  - table: sales.*\n  - table: '\"Mixed Case\".*'\n");
        Tables.execute(
                PIPELINE,
                "hub",
                "CREATE TABLE plain (id int PRIMARY KEY, name text DEFAULT 'nobody', n numeric DEFAULT 0)",
                "CREATE TABLE codes (id int PRIMARY KEY, code text UNIQUE NOT NULL)",
                "CREATE TABLE docs (id int PRIMARY KEY, title text, body text)",
                "ALTER TABLE docs ALTER body SET STORAGE EXTERNAL",
                "CREATE TABLE pairs (a int, b text, v text, PRIMARY KEY (b, a))",
                "CREATE TABLE parts (id int, day date, v text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
                "CREATE TABLE parts_2025 PARTITION OF parts FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
                "CREATE TABLE parts_2026 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
                "CREATE TABLE parents (id int PRIMARY KEY)",
                "CREATE TABLE children (id int PRIMARY KEY, parent int REFERENCES parents ON DELETE CASCADE)",
                "CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL)",
                "CREATE TABLE prices (price numeric PRIMARY KEY, v text)",
                "CREATE SCHEMA sales",
                "CREATE TABLE sales.orders (id int PRIMARY KEY, v text)",
                "CREATE SCHEMA \"Mixed Case\"",
                "CREATE TABLE \"Mixed Case\".\"Weird \"\"table\"\".name\" (\"The Id\" int PRIMARY KEY, \"a.b\" text, \"ü\" text)",
                "INSERT INTO accounts SELECT i, 1000 FROM generate_series(1, 100) i");
        nodes = Nodes.start(pipeline, directory);
        Tables.awaitSame(PIPELINE, "accounts");
    }

    @AfterAll
    void stop() {
        nodes.close();
    }

    @Test
    void rowsAreInsertedUpdatedAndDeleted() throws Exception {
        Tables.execute(
                PIPELINE,
                "hub",
                "INSERT INTO plain SELECT i, 'name ' || i, i / 7.0 FROM generate_series(1, 1000) i",
                "UPDATE plain SET name = NULL WHERE id <= 1000 AND id % 3 = 0",
                "DELETE FROM plain WHERE id <= 1000 AND id % 5 = 0");
        Tables.awaitSame(PIPELINE, "plain");
        assertThat(Tables.value(PIPELINE, "eu", "SELECT count(*) FROM plain WHERE id <= 1000 AND name IS NULL"))
                .isEqualTo("267");
    }

    @Test
    void uniqueValuesAreDeletedAndUsedAgainSwappedAndPassedAlongAChain() throws Exception {
        Tables.execute(PIPELINE, "hub", "INSERT INTO codes VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')");
        Tables.transaction(PIPELINE, "hub", "DELETE FROM codes WHERE id = 4", "INSERT INTO codes VALUES (5, 'd')");
        Tables.transaction(
                PIPELINE,
                "hub",
                "UPDATE codes SET code = 'tmp' WHERE id = 1",
                "UPDATE codes SET code = 'a' WHERE id = 2",
                "UPDATE codes SET code = 'b' WHERE id = 1");
        Tables.transaction(
                PIPELINE,
                "hub",
                "UPDATE codes SET code = 'x' WHERE id = 3",
                "UPDATE codes SET code = 'c' WHERE id = 2",
                "UPDATE codes SET code = 'a' WHERE id = 1");
        Tables.awaitSame(PIPELINE, "codes");
        assertThat(Tables.rows(PIPELINE, "us", "codes")).containsExactly("1\ta", "2\tc", "3\tx", "5\td");
    }

    @Test
    void keysChangeAndSwapWithinOneTransaction() throws Exception {
        Tables.execute(PIPELINE, "hub", "INSERT INTO pairs VALUES (1, 'x', 'first'), (2, 'y', 'second')");
        Tables.execute(PIPELINE, "hub", "UPDATE pairs SET a = 7 WHERE a = 1");
        Tables.transaction(
                PIPELINE,
                "hub",
                "UPDATE pairs SET (a, b) = (0, 't') WHERE b = 'x'",
                "UPDATE pairs SET (a, b) = (7, 'x') WHERE b = 'y'",
                "UPDATE pairs SET (a, b) = (2, 'y') WHERE b = 't'");
        Tables.awaitSame(PIPELINE, "pairs");
        assertThat(Tables.rows(PIPELINE, "eu", "pairs")).containsExactly("2\ty\tfirst", "7\tx\tsecond");
    }

    @Test
    void aKeyThatOnlyLooksDifferentIsTheSameRow() throws Exception {
        Tables.execute(PIPELINE, "hub", "INSERT INTO prices VALUES (1.0, 'one'), (2.50, 'two')");
        Tables.awaitSame(PIPELINE, "prices"); // so that the update meets the row in the target
        Tables.execute(PIPELINE, "hub", "UPDATE prices SET price = 1.00, v = 'uno' WHERE price = 1");
        Tables.awaitSame(PIPELINE, "prices");
        assertThat(Tables.rows(PIPELINE, "eu", "prices")).containsExactly("1.00\tuno", "2.50\ttwo");
    }

    @Test
    void unchangedLargeValuesStayAsTheyAre() throws Exception {
        Tables.execute(
                PIPELINE,
                "hub",
                "INSERT INTO docs SELECT i, 't' || i, repeat(md5(i::text), 1000) FROM generate_series(1, 20) i",
                "UPDATE docs SET title = 'new' WHERE id < 10",
                "UPDATE docs SET id = id + 100 WHERE id IN (3, 4, 15)");
        Tables.transaction(
                PIPELINE,
                "hub",
                "UPDATE docs SET title = 'twice' WHERE id = 5",
                "UPDATE docs SET id = 205 WHERE id = 5",
                "UPDATE docs SET title = 'thrice' WHERE id = 205");
        Tables.transaction(
                PIPELINE,
                "hub",
                "UPDATE docs SET id = 0 WHERE id = 1",
                "UPDATE docs SET id = 1 WHERE id = 2",
                "UPDATE docs SET id = 2 WHERE id = 0");
        Tables.awaitSame(PIPELINE, "docs");
        assertThat(Tables.value(PIPELINE, "us", "SELECT length(body) FROM docs WHERE id = 205"))
                .isEqualTo("32000");
    }

    @Test
    void truncateIsABarrierAndMayCascade() throws Exception {
        Tables.execute(
                PIPELINE,
                "hub",
                "INSERT INTO parents SELECT generate_series(1, 50)",
                "INSERT INTO children SELECT i, i FROM generate_series(1, 50) i");
        Tables.transaction(
                PIPELINE,
                "hub",
                "UPDATE parents SET id = id + 1000 WHERE id = 51",
                "TRUNCATE parents CASCADE",
                "INSERT INTO parents VALUES (1), (2)",
                "INSERT INTO children VALUES (9, 1)");
        Tables.awaitSame(PIPELINE, "parents");
        Tables.awaitSame(PIPELINE, "children");
        assertThat(Tables.rows(PIPELINE, "eu", "children")).containsExactly("9\t1");
        Tables.execute(PIPELINE, "hub", "TRUNCATE parents, children");
        Tables.awaitSame(PIPELINE, "children");
        assertThat(Tables.rows(PIPELINE, "us", "parents")).isEmpty();
    }

    @Test
    void partitionedTablesOtherSchemasAndOddNamesAreReplicated() throws Exception {
        Tables.execute(
                PIPELINE,
                "hub",
                "INSERT INTO parts SELECT i, '2025-12-30'::date + i, 'v' FROM generate_series(1, 10) i",
                "UPDATE parts SET day = '2026-06-01', v = 'moved' WHERE id = 1",
                "INSERT INTO sales.orders VALUES (1, 'sale')",
                "INSERT INTO \"Mixed Case\".\"Weird \"\"table\"\".name\" VALUES (1, 'tab\there', E'line\\nbreak \\\\ back')",
                "UPDATE \"Mixed Case\".\"Weird \"\"table\"\".name\" SET \"a.b\" = '' WHERE \"The Id\" = 1");
        Tables.awaitSame(PIPELINE, "parts");
        Tables.awaitSame(PIPELINE, "sales.orders");
        Tables.awaitSame(PIPELINE, "\"Mixed Case\".\"Weird \"\"table\"\".name\"");
        assertThat(Tables.rows(PIPELINE, "eu", "parts")).hasSize(10);
    }

    @Test
    void aBanksTotalIsTheSameInEveryReadOfASpoke() throws Exception {
        AtomicBoolean writing = new AtomicBoolean(true);
        Thread writer = Thread.ofPlatform().start(() -> transfers(writing));
        int reads = 0;
        long end = System.nanoTime() + Duration.ofSeconds(6).toNanos();
        try (Connection eu = Pipelines.connect(PIPELINE, "eu");
                Statement statement = eu.createStatement()) {
            while (System.nanoTime() < end) {
                try (var row = statement.executeQuery("SELECT sum(balance), count(*) FROM accounts")) {
                    row.next();
                    assertThat(row.getLong(1)).as("read %s", reads).isEqualTo(100_000);
                    assertThat(row.getInt(2)).isEqualTo(100);
                    reads++;
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        } finally {
            writing.set(false);
            writer.join();
        }
        assertThat(reads).isGreaterThan(100);
        Tables.awaitSame(PIPELINE, "accounts");
        assertThat(Tables.value(PIPELINE, "eu", "SELECT count(DISTINCT balance) FROM accounts"))
                .isNotEqualTo("1");
    }

    private static void transfers(AtomicBoolean writing) {
        java.util.Random random = new java.util.Random(7);
        try (Connection hub = Pipelines.connect(PIPELINE, "hub");
                PreparedStatement move =
                        hub.prepareStatement("UPDATE accounts SET balance = balance + ? WHERE id = ?")) {
            hub.setAutoCommit(false);
            while (writing.get()) {
                int amount = random.nextInt(50);
                move(move, -amount, 1 + random.nextInt(100));
                move(move, amount, 1 + random.nextInt(100));
                hub.commit();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void move(PreparedStatement move, int amount, int account) throws SQLException {
        move.setInt(1, amount);
        move.setInt(2, account);
        move.executeUpdate();
    }

    @Test
    void aCopyOf200000RowsAnd10000SmallTransactionsArrive() throws Exception {
        try (Connection hub = Pipelines.connect(PIPELINE, "hub")) {
            StringBuilder rows = new StringBuilder();
            for (int i = 0; i < 200_000; i++) {
                rows.append(10_000 + i)
                        .append("\tcopied ")
                        .append(i)
                        .append('\t')
                        .append(i)
                        .append("\n");
            }
            hub.unwrap(org.postgresql.PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY plain FROM STDIN", new java.io.StringReader(rows.toString()));
            try (PreparedStatement insert = hub.prepareStatement("INSERT INTO sales.orders VALUES (?, 'small')")) {
                for (int i = 0; i < 10_000; i++) {
                    insert.setInt(1, 1_000 + i);
                    insert.executeUpdate();
                }
            }
        }
        Tables.awaitSame(PIPELINE, "plain");
        Tables.awaitSame(PIPELINE, "sales.orders");
    }
}
