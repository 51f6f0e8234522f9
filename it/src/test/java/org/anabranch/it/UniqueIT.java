package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.anabranch.node.config.Pipeline;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Regions write rows side by side that may not stand side by side: which of them do is the same everywhere, the others stand in
 * quarantine, and come back when there is room.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class UniqueIT {

    private static final String PIPELINE = "seats";
    private static final long SEED = Long.getLong("unique.seed", 7);
    private static final int TRANSACTIONS = Integer.getInteger("unique.transactions", 150);
    private static final int BETWEEN_LOOKS = 10;
    private static final int KEYS = 12;
    private static final int VALUES = 6;
    private static final String DISPLACED =
            "SELECT coalesce(string_agg(key_text, ' ' ORDER BY key_text), '') FROM anabranch.quarantine"
                    + " WHERE operation = 'DISPLACED'";
    private static final String IDS = "SELECT string_agg(id::text, ' ' ORDER BY id) FROM people";
    private static final String QUARANTINED = "SELECT count(*) FROM anabranch.quarantine";

    private Nodes nodes;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        Pipeline pipeline = Pipelines.create(PIPELINE, directory, """
                  - { table: public.people, writers: all, merge: last-writer-wins-per-column }
                """);
        for (String place : Pipelines.PLACES) {
            Tables.execute(
                    PIPELINE,
                    place,
                    "CREATE TABLE people (id int PRIMARY KEY, mail text, seat int UNIQUE, is_guest boolean NOT NULL,"
                            + " \"More\" jsonb)",
                    "CREATE UNIQUE INDEX people_more ON people ((\"More\" ->> 'a?') COLLATE \"C\") WHERE \"More\" ? 'a?'",
                    "CREATE UNIQUE INDEX people_mail ON people (lower(mail)) WHERE NOT is_guest",
                    "ALTER TABLE people REPLICA IDENTITY FULL");
        }
        nodes = Nodes.start(pipeline, directory);
        nodes.awaitRunning();
    }

    @AfterAll
    void stop() throws Exception {
        nodes.close();
    }

    @Test
    @Order(1)
    void theRowThatCameFirstStaysAndTheOtherComesBackWhenThereIsRoom() throws Exception {
        try (Connection later = Pipelines.connect(PIPELINE, "us")) {
            later.setAutoCommit(false);
            SharedPostgres.execute(later, "INSERT INTO people VALUES (1001, 'ann', NULL, false)");
            Tables.execute(PIPELINE, "eu", "INSERT INTO people VALUES (1000, 'Ann', NULL, false)");
            later.commit();
        }
        awaitAllTheSame();
        await().atMost(Tables.PATIENCE)
                .untilAsserted(() -> assertThat(displaced("hub")).isEqualTo("1001"));
        assertThat(Tables.value(PIPELINE, "us", IDS)).isEqualTo("1000");
        String losses =
                Tables.value(PIPELINE, "eu", "SELECT losses::text FROM anabranch.conflicts WHERE key_text = '1001'");
        assertThat(losses).contains("unique: people_mail").contains("lower(mail)");

        Tables.execute(PIPELINE, "hub", "DELETE FROM people WHERE id = 1000");

        for (String place : Pipelines.PLACES) {
            await().atMost(Tables.PATIENCE).untilAsserted(() -> {
                assertThat(Tables.value(PIPELINE, place, IDS)).isEqualTo("1001");
                assertThat(Tables.value(PIPELINE, place, QUARANTINED)).isEqualTo("0");
            });
        }
    }

    @Test
    @Order(2)
    void whatRegionsWriteAtOnceEndsTheSameEverywhere() throws Exception {
        Tables.execute(PIPELINE, "hub", "DELETE FROM people");
        awaitAllTheSame();
        assertThat(inAllRegionsAtOnce(UniqueIT::write))
                .allSatisfy(committed -> assertThat(committed).isPositive());

        awaitAllTheSame();
        String left = "SELECT count(*) FROM anabranch.deferred";
        for (String place : Pipelines.PLACES) {
            await().atMost(Tables.PATIENCE).untilAsserted(() -> assertThat(Tables.value(PIPELINE, place, left))
                    .isEqualTo("0"));
            assertThat(Tables.value(PIPELINE, place, QUARANTINED))
                    .isEqualTo(String.valueOf(displaced(place).split(" ").length
                            - (displaced(place).isEmpty() ? 1 : 0)));
        }
        String conflicts = "SELECT count(*) FROM anabranch.conflicts WHERE losses::text LIKE '%unique: people%'";
        assertThat(Integer.parseInt(Tables.value(PIPELINE, "us", conflicts))).isPositive();
    }

    @Test
    @Order(3)
    void ofThreeWhoTakeEverySeatAtOnceEachSeatGoesToOne() throws Exception {
        deleteTurnByTurn();

        int taken = inAllRegionsAtOnce(UniqueIT::takeEverySeat).stream()
                .mapToInt(Integer::intValue)
                .sum();

        awaitAllTheSame();
        assertThat(Tables.value(PIPELINE, "eu", "SELECT count(*) FROM people")).isEqualTo(String.valueOf(VALUES));
        assertThat(displaced("eu").split(" ")).hasSize(taken - VALUES);
    }

    @Test
    @Order(4)
    void whenAllThatStoodIsGoneEveryRowThatHadToGoHasItsTurn() throws Exception {
        deleteTurnByTurn();

        assertThat(Tables.rows(PIPELINE, "us", "people")).isEmpty();
        assertThat(displaced("us")).isEmpty();
    }

    private static void deleteTurnByTurn() throws Exception {
        for (int turn = 0;
                turn < 3 * KEYS && !Tables.rows(PIPELINE, "us", "people").isEmpty();
                turn++) {
            Tables.execute(PIPELINE, "hub", "DELETE FROM people");
            awaitAllTheSame();
        }
    }

    private static List<Integer> inAllRegionsAtOnce(Callback work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(Pipelines.PLACES.size());
        try {
            List<Callable<Integer>> all = new ArrayList<>();
            Pipelines.PLACES.forEach(place -> all.add(() -> work.in(place)));
            List<Integer> results = new ArrayList<>();
            for (Future<Integer> each : threads.invokeAll(all)) {
                results.add(each.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    private interface Callback {
        int in(String place) throws Exception;
    }

    private static int takeEverySeat(String place) throws SQLException {
        int first = 100 * (1 + Pipelines.PLACES.indexOf(place));
        String insert = "INSERT INTO people SELECT %d + i, NULL, i, true FROM generate_series(0, %d) i"
                .formatted(first, VALUES - 1);
        try (Connection connection = Pipelines.connect(PIPELINE, place);
                PreparedStatement statement = connection.prepareStatement(insert)) {
            return statement.executeUpdate();
        } catch (SQLException e) {
            assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("23505"); // another region's are here already
            return 0;
        }
    }

    /** Gives how many transactions were committed: others would have violated what is unique in the region itself. */
    private static int write(String place) throws Exception {
        Random random = new Random(SEED + place.hashCode());
        int committed = 0;
        try (Connection connection = Pipelines.connect(PIPELINE, place)) {
            for (int i = 0; i < TRANSACTIONS; i++) {
                try (PreparedStatement statement = connection.prepareStatement(sql(random))) {
                    statement.executeUpdate();
                    committed++;
                } catch (SQLException e) {
                    assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("23505");
                }
                if (i % BETWEEN_LOOKS == 0) {
                    awaitNewsOfOthers(place);
                }
            }
        }
        return committed;
    }

    /** So that a region writes to what came from others, and not all of its own before. */
    private static void awaitNewsOfOthers(String place) throws SQLException {
        String newest = "SELECT max(hybrid_time) FROM anabranch.progress WHERE origin <> '" + place + "'";
        String before = Tables.value(PIPELINE, place, newest);
        await().atMost(Tables.PATIENCE)
                .until(() -> !Tables.value(PIPELINE, place, newest).equals(before));
    }

    private static String sql(Random random) {
        int id = random.nextInt(KEYS);
        String mail = random.nextInt(5) == 0
                ? "NULL"
                : (random.nextBoolean() ? "'Mail " : "'mail ") + random.nextInt(VALUES) + "'";
        String seat = random.nextInt(5) == 0 ? "NULL" : String.valueOf(random.nextInt(VALUES));
        boolean isGuest = random.nextInt(4) == 0;
        return switch (random.nextInt(6)) {
            case 0 -> "DELETE FROM people WHERE id = " + id;
            case 1 -> "UPDATE people SET mail = " + mail + " WHERE id = " + id;
            case 2 -> "UPDATE people SET seat = " + seat + ", is_guest = " + isGuest + " WHERE id = " + id;
            default ->
                "INSERT INTO people VALUES (" + id + ", " + mail + ", " + seat + ", " + isGuest
                        + ") ON CONFLICT (id) DO UPDATE SET mail = EXCLUDED.mail, seat = EXCLUDED.seat";
        };
    }

    private static void awaitAllTheSame() throws Exception {
        Tables.awaitReplicatedUntilNow(PIPELINE);
        await().atMost(Tables.PATIENCE).ignoreExceptions().untilAsserted(() -> {
            Tables.assertSame(PIPELINE, "people");
            assertThat(displaced("eu")).isEqualTo(displaced("hub"));
            assertThat(displaced("us")).isEqualTo(displaced("hub"));
        });
    }

    /** The keys of the rows that had to go. */
    private static String displaced(String place) throws SQLException {
        return Tables.value(PIPELINE, place, DISPLACED);
    }
}
