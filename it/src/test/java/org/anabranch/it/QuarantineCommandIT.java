package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.anabranch.node.cli.Main;
import org.anabranch.node.config.Pipeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A constraint that only one region has, from the row that it refuses to equal tables, with the commands. */
class QuarantineCommandIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EU = "refused_eu";

    /** What a run of the program leaves behind. */
    private record Run(int exitCode, String out) {}

    @Test
    void aRefusedRowIsFoundLookedAtAndTriedAgain(@TempDir Path directory) throws Exception {
        Pipeline pipeline =
                Pipelines.create("refused", directory, "  - { table: public.t }\n  - { table: public.other }\n");
        String file = directory.resolve("refused.yaml").toString();
        Tables.execute(
                "refused",
                "hub",
                "CREATE TABLE t (id int PRIMARY KEY, n int)",
                "CREATE TABLE other (id int PRIMARY KEY)",
                "INSERT INTO t VALUES (1, 1)");
        try (Nodes nodes = Nodes.start(pipeline, directory)) {
            nodes.awaitRunning();
            await().atMost(Tables.PATIENCE).untilAsserted(() -> assertThat(Tables.rows("refused", "eu", "t"))
                    .hasSize(1));
            Tables.execute("refused", "eu", "ALTER TABLE t ADD CONSTRAINT small CHECK (n < 100)");
            Tables.execute(
                    "refused",
                    "hub",
                    "INSERT INTO t VALUES (2, 200)",
                    "UPDATE t SET n = 5 WHERE id = 2",
                    "INSERT INTO t VALUES (3, 300)",
                    "INSERT INTO t VALUES (4, 4)",
                    "INSERT INTO other VALUES (1)");
            await().atMost(Tables.PATIENCE).untilAsserted(() -> assertThat(Tables.rows("refused", "eu", "other"))
                    .hasSize(1));
            assertThat(Tables.rows("refused", "eu", "t")).hasSize(2);

            Run list = quarantine(file, "list");
            assertThat(list.exitCode()).isZero();
            assertThat(list.out().lines()).hasSize(3).allMatch(line -> line.contains(EU + "  public.t  key "));
            JsonNode first = JSON.readTree(
                    quarantine(file, "list", "--json").out().lines().findFirst().orElseThrow());
            String id = first.at("/id").asText();
            assertThat(quarantine(file, "show", id, "--region", EU).out())
                    .contains("n = '200'", "small", "no such row", "anabranch quarantine retry " + id);
            assertThat(quarantine(file, "show", "99999", "--region", EU).exitCode())
                    .isEqualTo(2);
            assertThat(quarantine(file, "discard", id, "--region", EU).exitCode())
                    .isEqualTo(2);

            Run refused = quarantine(file, "retry", id, "--region", EU);
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.out()).contains("still refused: 23514");

            Tables.execute("refused", "eu", "ALTER TABLE t DROP CONSTRAINT small");
            Run applied = quarantine(file, "retry", "--all", "--region", EU);
            assertThat(applied.out()).contains(id + "  applied");
            assertThat(applied.exitCode()).isZero();
            assertThat(Tables.rows("refused", "eu", "t")).isEqualTo(Tables.rows("refused", "hub", "t"));
            assertThat(quarantine(file, "list").out()).startsWith("Nothing is in quarantine.");
        }
    }

    private static Run quarantine(String file, String command, String... more) {
        StringWriter out = new StringWriter();
        int exitCode = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute(Stream.concat(Stream.of("quarantine", command, "--config", file), Stream.of(more))
                        .toArray(String[]::new));
        return new Run(exitCode, out.toString());
    }
}
