package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import org.anabranch.node.config.Pipeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Regions that write and are not the hub. */
class WritersIT {

    @Test
    void whatOneSpokeWritesTheHubPassesOnToTheOthers(@TempDir Path directory) throws Exception {
        Pipeline pipeline = Pipelines.create(
                "passed", directory, "  - table: public.t\n  - { table: public.u, writers: passed_eu }\n");
        Tables.execute("passed", "hub", "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        Tables.execute("passed", "eu", "CREATE TABLE u (id int PRIMARY KEY)", "INSERT INTO u VALUES (1)");
        try (Nodes nodes = Nodes.start(pipeline, directory)) {
            nodes.awaitRunning();
            Tables.execute("passed", "eu", "INSERT INTO u VALUES (2)");
            Tables.execute("passed", "hub", "INSERT INTO t VALUES (2)");

            for (String place : Pipelines.PLACES) {
                await().atMost(Tables.PATIENCE).ignoreExceptions().untilAsserted(() -> {
                    assertThat(Tables.rows("passed", place, "t")).containsExactly("1", "2");
                    assertThat(Tables.rows("passed", place, "u")).containsExactly("1", "2");
                });
            }
        }
    }

    /** Capture can only begin when the applier has made the table, and the applier only when it has come from elsewhere. */
    @Test
    void aTableThatTheApplierMakesIsCapturedFromThenOn(@TempDir Path directory) throws Exception {
        Pipeline pipeline = Pipelines.create("growing", directory, "  - { table: \"public.*\", writers: all }\n");
        String made = "CREATE TABLE %s (id int PRIMARY KEY); ALTER TABLE %1$s REPLICA IDENTITY FULL";
        Tables.execute("growing", "hub", made.formatted("t"));
        try (Nodes nodes = Nodes.start(pipeline, directory)) {
            nodes.awaitRunning();
            awaitCaptured("1");
            Tables.execute("growing", "hub", made.formatted("u"));
            awaitCaptured("2");
        }
    }

    private static void awaitCaptured(String tables) {
        for (String place : Pipelines.PLACES) {
            await().atMost(Tables.PATIENCE).untilAsserted(() -> assertThat(Tables.value("growing", place, """
                            SELECT count(*) FROM pg_publication_tables p JOIN pg_class c ON c.relname = p.tablename
                            WHERE p.schemaname = 'public' AND c.relreplident = 'f'
                            """))
                    .as(place)
                    .isEqualTo(tables));
        }
    }
}
