package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.anabranch.node.cli.Main;
import org.anabranch.node.config.Pipeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journals of three regions, read with the command: a conflict of two of them stands in all. */
class ConflictsIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a run of the program leaves behind. */
    private record Run(int exitCode, String out) {}

    @Test
    void theCommandPrintsEachConflictOnce(@TempDir Path directory) throws Exception {
        String tables = "  - { table: public.t, writers: all, merge: last-writer-wins-per-column }\n";
        Pipeline pipeline = Pipelines.create("journals", directory, tables);
        String file = directory.resolve("journals.yaml").toString();
        for (String place : Pipelines.PLACES) {
            Tables.execute(
                    "journals",
                    place,
                    "CREATE TABLE t (id int PRIMARY KEY, name text, note text)",
                    "ALTER TABLE t REPLICA IDENTITY FULL");
        }
        Run before = conflicts(file);
        assertThat(before.exitCode()).isZero();
        assertThat(before.out()).contains("region journals_eu: there is no table anabranch.conflicts yet");

        try (Nodes nodes = Nodes.start(pipeline, directory)) {
            nodes.awaitRunning();
            assertThat(conflicts(file).out()).isEqualTo("No conflicts are recorded." + System.lineSeparator());
            Tables.execute("journals", "hub", "INSERT INTO t VALUES (1, 'apple', 'x')");
            for (String place : Pipelines.PLACES) {
                await().atMost(Tables.PATIENCE).untilAsserted(() -> assertThat(Tables.rows("journals", place, "t"))
                        .hasSize(1));
            }
            await().atMost(Tables.PATIENCE).until(() -> {
                Tables.execute("journals", "eu", "UPDATE t SET name = 'pear' || txid_current()");
                Tables.execute("journals", "us", "UPDATE t SET name = 'plum' || txid_current()");
                return !journal(file, "--region", "journals_eu").isEmpty();
            });
            await().atMost(Tables.PATIENCE)
                    .untilAsserted(() -> assertThat(journal(file)).isNotEmpty().allSatisfy(conflict -> {
                        assertThat(conflict.at("/regions")).hasSize(3);
                        assertThat(conflict.at("/losses")).hasSize(1);
                        assertThat(conflict.at("/losses/0/columns/0").asText()).isEqualTo("name");
                        assertThat(conflict.at("/losses/0/winner")).isEqualTo(conflict.at("/later/origin"));
                    }));
        }
        int found = journal(file).size();
        assertThat(conflicts(file).out().lines().filter(line -> line.contains("  public.t  key 1: ")))
                .hasSize(found);
        assertThat(journal(file, "--table", "public.other")).isEmpty();
        assertThat(journal(file, "--since", "1h")).hasSize(found);
        assertThat(journal(file, "--limit", "1")).hasSize(1);
    }

    private static List<JsonNode> journal(String file, String... more) throws Exception {
        String out = conflicts(
                        file,
                        Stream.concat(Stream.of("--json"), Stream.of(more)).toArray(String[]::new))
                .out();
        return JSON.readerFor(JsonNode.class).<JsonNode>readValues(out).readAll();
    }

    private static Run conflicts(String file, String... more) {
        StringWriter out = new StringWriter();
        int exitCode = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .execute(Stream.concat(Stream.of("conflicts", "--config", file), Stream.of(more))
                        .toArray(String[]::new));
        return new Run(exitCode, out.toString());
    }
}
