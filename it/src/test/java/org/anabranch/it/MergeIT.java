package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.anabranch.capture.Capture;
import org.anabranch.capture.CaptureSettings;
import org.anabranch.capture.TablePattern;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.replicator.Applier;
import org.anabranch.replicator.ApplierSettings;
import org.anabranch.replicator.ConflictReader;
import org.anabranch.replicator.ConflictReader.Recorded;
import org.anabranch.replicator.DatabaseSettings;
import org.anabranch.replicator.MergeRules;
import org.anabranch.replicator.RegionTopics;
import org.anabranch.replicator.Resolver;
import org.anabranch.replicator.ResolverSettings;
import org.anabranch.replicator.TableRules;
import org.anabranch.sandbox.PostgresServer;
import org.anabranch.schemas.ConflictRecord;
import org.anabranch.schemas.Part;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two regions that write the same rows: captured, resolved and applied for real, on one cluster, so without links. */
class MergeIT {

    private static final int PARTITIONS = 2;
    private static final MergeRules RULES = table -> Optional.of(new MergeRules.Rule(
            "last-writer-wins-per-column", Map.of("on_hand", "counter", "tags", "set"), DeletePolicy.LAST_WRITER_WINS));

    @TempDir
    Path directory;

    private final String pipeline = Servers.newName("merge");
    private final List<String> regions = List.of(Servers.newName("eu"), Servers.newName("us"));
    private final List<String> reports = new CopyOnWriteArrayList<>();
    private final List<Spoke.Running> running = new ArrayList<>();
    private final List<Connection> connections = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        for (String region : regions) {
            Servers.postgres().execute("CREATE DATABASE " + region);
            Servers.postgres()
                    .execute(
                            region,
                            "CREATE TABLE stock (id int PRIMARY KEY, name text, on_hand int NOT NULL, tags text[])");
            Servers.postgres().execute(region, "ALTER TABLE stock REPLICA IDENTITY FULL");
            connections.add(Servers.postgres().connect(region));
            new RegionTopics(region, true, others(region), List.of(), PARTITIONS, Servers.kafka()).ensure();
        }
        regions.forEach(this::startAll);
    }

    private List<String> others(String region) {
        return regions.stream().filter(other -> !other.equals(region)).toList();
    }

    private void startAll(String region) {
        DatabaseSettings database = database(region);
        start(new Capture(new CaptureSettings(
                pipeline + region,
                region,
                new org.anabranch.capture.DatabaseSettings(database.url(), database.user(), database.password()),
                Servers.kafka(),
                PARTITIONS,
                List.of(new TablePattern("public.*", table -> table.schema().equals("public"))),
                Duration.ofMillis(200),
                table -> true)));
        start(new Resolver(
                new ResolverSettings(pipeline, region, regions, Servers.kafka(), directory.resolve(region), RULES)));
        start(new Applier(
                new ApplierSettings(
                        pipeline + region,
                        region,
                        regions,
                        database,
                        Servers.kafka(),
                        PARTITIONS,
                        TableRules.all(new TableRules.Rule(true, false, TableRules.Existing.KEEP)),
                        RULES),
                InstantSource.system()));
    }

    private static DatabaseSettings database(String region) {
        return new DatabaseSettings(
                Servers.postgres().jdbcUrl(region), PostgresServer.SUPERUSER, PostgresServer.SUPERUSER_PASSWORD);
    }

    private void start(Part part) {
        running.add(new Spoke.Running(part, reports));
    }

    @AfterEach
    void end() throws SQLException {
        running.forEach(Spoke.Running::stop);
        for (Connection connection : connections) {
            connection.close();
        }
    }

    @Test
    void rowsThatBothRegionsWriteBecomeTheSame() throws Exception {
        execute(0, "INSERT INTO stock VALUES (1, 'apple', 10, '{a}')");
        awaitSame("1|apple|10|{a}");

        execute(0, "UPDATE stock SET on_hand = on_hand - 3, name = 'pear' WHERE id = 1");
        execute(1, "UPDATE stock SET on_hand = on_hand - 4, tags = tags || 'b'::text WHERE id = 1");
        awaitSame("1|pear|3|{a,b}");

        execute(1, "DELETE FROM stock WHERE id = 1");
        awaitSame("");
        execute(0, "INSERT INTO stock VALUES (1, 'again', 1, NULL)");
        awaitSame("1|again|1|{}");
    }

    @Test
    void randomWorkloadsOfBothRegionsConverge() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 3_000; i++) {
            int region = random.nextInt(2);
            int id = random.nextInt(10);
            switch (random.nextInt(6)) {
                case 0 ->
                    execute(
                            region,
                            "INSERT INTO stock VALUES (" + id + ", 'i" + i + "', 0, '{}') ON CONFLICT DO NOTHING");
                case 1 -> execute(region, "DELETE FROM stock WHERE id = " + id);
                case 2 -> execute(region, "UPDATE stock SET name = 'u" + i + "' WHERE id = " + id);
                case 3 -> execute(region, "UPDATE stock SET tags = tags || '" + i % 7 + "'::text WHERE id = " + id);
                default -> execute(region, "UPDATE stock SET on_hand = on_hand + 1 WHERE id = " + id);
            }
        }
        execute(0, "DELETE FROM stock WHERE id = 99");
        execute(0, "INSERT INTO stock VALUES (100, 'last', 0, '{}')");
        execute(1, "INSERT INTO stock VALUES (101, 'last', 0, '{}')");
        await().atMost(Tables.PATIENCE).untilAsserted(() -> {
            assertThat(rows(0))
                    .as("seed %s, %s", seed, reports)
                    .contains("100|last")
                    .contains("101|last");
            assertThat(rows(1)).as("seed %s, %s", seed, reports).isEqualTo(rows(0));
        });
    }

    /** Both write before either can have heard of the other, or else once more. */
    @Test
    void aConflictStandsInBothJournalsAndAnOverwriteInNone() throws Exception {
        execute(0, "INSERT INTO stock VALUES (1, 'apple', 10, '{a}'), (2, 'fig', 1, '{}')");
        awaitSame("1|apple|10|{a}\n2|fig|1|{}");
        execute(1, "UPDATE stock SET name = 'seen' WHERE id = 2");
        awaitSame("1|apple|10|{a}\n2|seen|1|{}");

        await().atMost(Tables.PATIENCE).until(() -> {
            execute(0, "UPDATE stock SET name = 'pear', on_hand = on_hand - 1 WHERE id = 1");
            execute(1, "UPDATE stock SET name = 'plum', on_hand = on_hand - 1 WHERE id = 1");
            return !journal(0).isEmpty();
        });
        execute(0, "DELETE FROM stock WHERE id = 1");
        execute(1, "UPDATE stock SET on_hand = 0 WHERE id = 1");
        execute(0, "INSERT INTO stock VALUES (100, 'last', 0, '{}')");
        execute(1, "INSERT INTO stock VALUES (101, 'last', 0, '{}')");

        await().atMost(Tables.PATIENCE).untilAsserted(() -> {
            assertThat(List.of(rows(0), rows(1))).as("%s", reports).allMatch(rows -> rows.contains("100|"));
            assertThat(rows(1)).contains("101|").isEqualTo(rows(0));
            assertThat(journal(1)).isEqualTo(journal(0));
        });
        assertThat(journal(0))
                .allMatch(conflict -> conflict.startsWith("public stock 1 "))
                .anyMatch(
                        conflict -> conflict.matches(".* pear .* plum .*\\[name] last-writer-wins " + regions.get(1)));
        assertThat(read(0))
                .hasSameSizeAs(journal(0))
                .extracting(Recorded::conflict)
                .isEqualTo(read(1).stream().map(Recorded::conflict).toList())
                .first()
                .extracting(conflict -> conflict.losses().getFirst())
                .isEqualTo(new ConflictRecord.Loss(List.of(), "delete: last-writer-wins", regions.get(1)));
        assertThat(journal(0)).last().asString().contains("[] delete: last-writer-wins " + regions.get(1));
    }

    private List<Recorded> read(int region) throws IOException {
        return ConflictReader.read(database(regions.get(region)), table -> true, Instant.EPOCH, 1_000)
                .orElseThrow();
    }

    /** What the journals of two regions have in common. */
    private List<String> journal(int region) throws SQLException {
        List<String> conflicts = new ArrayList<>();
        try (Statement statement = connections.get(region).createStatement();
                ResultSet row = statement.executeQuery("SELECT concat_ws(' ', table_schema, table_name, key_text, id,"
                        + " earlier_origin, earlier_hybrid_time, earlier_committed_at, earlier_row ->> 'name',"
                        + " later_origin, later_hybrid_time, later_committed_at, later_row ->> 'name',"
                        + " translate(losses #>> '{0,columns}', '\"', ''), losses #>> '{0,policy}', losses #>> '{0,winner}')"
                        + " FROM anabranch.conflicts ORDER BY later_hybrid_time, earlier_hybrid_time")) {
            while (row.next()) {
                conflicts.add(row.getString(1));
            }
        }
        return conflicts;
    }

    private void awaitSame(String expected) {
        await().atMost(Tables.PATIENCE)
                .untilAsserted(() ->
                        assertThat(List.of(rows(0), rows(1))).as("%s", reports).containsOnly(expected));
    }

    private void execute(int region, String sql) throws SQLException {
        try (Statement statement = connections.get(region).createStatement()) {
            statement.execute(sql);
        }
    }

    private String rows(int region) throws SQLException {
        try (Statement statement = connections.get(region).createStatement();
                ResultSet row = statement.executeQuery("SELECT coalesce(string_agg(concat_ws('|', id, name, on_hand,"
                        + " tags), E'\\n' ORDER BY id), '') FROM stock")) {
            row.next();
            return row.getString(1);
        }
    }
}
