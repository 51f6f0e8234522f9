package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.anabranch.node.cli.Main;
import org.anabranch.node.config.Pipeline;
import org.anabranch.sandbox.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands, on real servers: what they find, how they end, and that they never show a password. */
class CheckIT {

    private record Ended(int exitCode, String output) {}

    private static Ended command(String... arguments) {
        StringWriter out = new StringWriter();
        CommandLine commandLine =
                Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(out, true));
        return new Ended(commandLine.execute(arguments), out.toString());
    }

    /** As a program of its own, with all that it logs. */
    private static Ended program(Path directory, String... arguments) throws Exception {
        Path log = directory.resolve("program.log");
        ChildJvm program = new ChildJvm(new ChildJvm.Settings(
                "anabranch",
                "org.anabranch.node.cli.Main",
                List.of("-XX:TieredStopAtLevel=1"),
                List.of(arguments),
                log));
        program.start();
        int exitCode = program.awaitExit(Tables.PATIENCE);
        return new Ended(exitCode, Files.readString(log));
    }

    @Test
    void aPipelineThatIsWellIsFoundWellAndIsChangedInNothing(@TempDir Path directory) throws Exception {
        Pipelines.create("well", directory, "  - table: public.t\n");
        Tables.execute("well", "hub", "CREATE TABLE t (id int PRIMARY KEY, v text)");

        Ended ended =
                command("check", "--config", directory.resolve("well.yaml").toString());

        assertThat(ended.output()).doesNotContain(Pipelines.PASSWORD);
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        assertThat(Tables.value("well", "hub", "SELECT count(*) FROM pg_publication"))
                .isEqualTo("0");
        assertThat(Tables.value("well", "hub", "SELECT count(*) FROM pg_namespace WHERE nspname = 'anabranch'"))
                .isEqualTo("0");
    }

    @Test
    void everythingThatIsWrongIsFoundAtOnceWithWhatWouldHelp(@TempDir Path directory) throws Exception {
        Pipelines.create(
                "wrong", directory, "  - table: public.t\n  - table: public.keyless\n  - table: public.custmers\n");
        Tables.execute(
                "wrong",
                "hub",
                "CREATE TABLE t (id int PRIMARY KEY, v text)",
                "CREATE TABLE keyless (v text)",
                "CREATE TABLE customers (id int PRIMARY KEY)");
        Tables.execute("wrong", "eu", "CREATE TABLE t (id bigint PRIMARY KEY, v text)");
        Tables.execute("wrong", "us", "CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'old')");

        Ended ended =
                command("check", "--config", directory.resolve("wrong.yaml").toString());

        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(2);
        assertThat(ended.output())
                .contains("keyless", "ADD PRIMARY KEY")
                .contains("custmers", "customers")
                .contains("bigint")
                .contains("existing")
                .doesNotContain(Pipelines.PASSWORD);
    }

    @Test
    void aWrongPasswordIsSaidAndNotShown(@TempDir Path directory) throws Exception {
        Pipelines.create("denied", directory, "  - table: public.t\n");
        Tables.execute("denied", "hub", "CREATE TABLE t (id int PRIMARY KEY, v text)");
        Path file = directory.resolve("denied.yaml");
        Files.writeString(file, Files.readString(file).replace(Pipelines.PASSWORD, "canary-wrong-5512"));

        Ended ended = program(directory, "check", "-vv", "--config", file.toString());

        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(1);
        assertThat(ended.output()).contains("password").doesNotContain("canary-wrong-5512");
    }

    @Test
    void noPasswordIsInAnyLogAtAnyLevel(@TempDir Path directory) throws Exception {
        Pipelines.create("canary", directory, "  - table: public.t\n");
        Tables.execute("canary", "hub", "CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'a')");
        try (NodeProcesses nodes = new NodeProcesses("canary", directory, "-vv")) {
            nodes.startAll();
            Tables.awaitSame("canary", "t");
            Tables.execute("canary", "hub", "INSERT INTO t VALUES (2, 'b')");
            Tables.awaitSame("canary", "t");
            String[] status = {
                "status", "-vv", "--config", directory.resolve("canary.yaml").toString()
            };
            // It gives up a broker that is kept busy by other tests.
            await().atMost(Tables.PATIENCE).until(() -> {
                String output = program(directory, status).output();
                assertThat(output).doesNotContain(Pipelines.PASSWORD);
                return output.contains("canary_hub -> canary_eu");
            });
            for (String place : Pipelines.PLACES) {
                ChildJvm node = nodes.node(place);
                await().atMost(Tables.PATIENCE)
                        .until(() -> Files.readString(node.logFile()).contains("DEBUG"));
                assertThat(Files.readString(node.logFile()))
                        .as("log of %s", place)
                        .doesNotContain(Pipelines.PASSWORD);
            }
        }
    }

    @Test
    void changesAreTailedAsJsonLines(@TempDir Path directory) throws Exception {
        Pipeline pipeline = Pipelines.create("tailed", directory, "  - table: public.t\n");
        Tables.execute("tailed", "hub", "CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'a')");
        try (Nodes nodes = Nodes.start(pipeline, directory)) {
            Tables.awaitSame("tailed", "t");
            Tables.execute("tailed", "hub", "UPDATE t SET v = NULL", "DELETE FROM t");
            Tables.awaitSame("tailed", "t");
            assertThat(nodes.copies()).hasSize(1);
            Ended tailed = command(
                    "tail",
                    "--region",
                    "tailed_eu",
                    "--from-beginning",
                    "--limit",
                    "3",
                    "--config",
                    directory.resolve("tailed.yaml").toString());
            assertThat(tailed.output().lines().filter(line -> line.startsWith("{")))
                    .hasSize(3)
                    .anyMatch(line -> line.contains("\"operation\":\"copy\"") && line.contains("\"v\":\"a\""))
                    .anyMatch(line -> line.contains("\"operation\":\"update\"") && line.contains("\"v\":null"))
                    .anyMatch(line -> line.contains("\"operation\":\"delete\"") && line.contains("\"key\":[\"1\"]"));
        }
    }

    @Test
    void aRowThatCannotBeAppliedStopsNothingElseAndIsShown(@TempDir Path directory) throws Exception {
        Pipeline pipeline = Pipelines.create("shown", directory, "  - table: public.t\n");
        Tables.execute("shown", "hub", "CREATE TABLE t (id int PRIMARY KEY, v text)");
        Tables.execute(
                "shown", "eu", "CREATE TABLE t (id int PRIMARY KEY, v text CONSTRAINT short CHECK (length(v) < 5))");
        try (Nodes nodes = Nodes.start(pipeline, directory)) {
            nodes.awaitRunning();
            Tables.transaction(
                    "shown", "hub", "INSERT INTO t VALUES (1, 'long value')", "INSERT INTO t VALUES (2, 'ok')");
            Tables.awaitReplicatedUntilNow("shown", Tables.PATIENCE);

            assertThat(Tables.rows("shown", "us", "t")).containsExactly("1\tlong value", "2\tok");
            assertThat(Tables.rows("shown", "eu", "t")).containsExactly("2\tok");
            String[] arguments = {
                "status", "--config", directory.resolve("shown.yaml").toString()
            };
            await().atMost(Tables.PATIENCE)
                    .untilAsserted(() -> assertThat(command(arguments).output())
                            .contains("quarantine holds 1 change of public.t")
                            .contains("short"));
        }
    }
}
