package org.anabranch.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.anabranch.schemas.Finding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {

    private static final String GOOD = """
            pipeline: shop
            topology: hub-and-spoke
            hub: hub
            regions:
              hub: { postgres: { url: "jdbc:postgresql://h/shop", user: shop, password: cuckoo-one }, kafka: { bootstrap: "h:1" } }
              eu: { postgres: { url: "jdbc:postgresql://e/shop", user: shop, password: cuckoo-two }, kafka: { bootstrap: "e:1" } }
            tables: [ { table: public.t } ]
            """;

    @TempDir
    Path folder;

    /** What a run of the program leaves behind. */
    private record Run(int exitCode, String out, String err) {}

    private static Run run(CommandLine commandLine, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = commandLine
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Run(exitCode, out.toString(), err.toString());
    }

    private static Run run(String... arguments) {
        return run(Main.commandLine(List.of()), arguments);
    }

    private String file(String text) throws IOException {
        return Files.writeString(folder.resolve("a.yaml"), text).toString();
    }

    @Test
    void help_teaches_commands_examples_and_exit_codes() {
        Run run = run("--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("Usage: anabranch", "check", "generate-completion", "Examples:", "anabranch check --config")
                .contains(
                        "0   done",
                        "1   failed",
                        "2   invalid input",
                        "3   over the RPO",
                        "4   there is something to apply");
    }

    @Test
    void version_names_the_build_and_the_jdk() {
        assertThat(run("--version").out())
                .containsPattern("anabranch \\d+\\.\\d+")
                .contains("JDK " + Runtime.version());
    }

    @Test
    void completion_knows_the_commands_and_their_options() {
        assertThat(run("generate-completion").out()).contains("complete -F", "check", "--config");
    }

    @Test
    void a_missing_command_is_invalid_input() {
        Run run = run();

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .isEqualToNormalizingNewlines("anabranch: a command is missing\nTry 'anabranch --help'.\n");
    }

    @Test
    void a_misspelt_command_gets_the_nearest() {
        Run run = run("chek");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("'chek'", "Did you mean: anabranch check");
    }

    @Test
    void check_prints_warnings_and_a_summary_of_a_good_file() throws IOException {
        String file = file(GOOD);

        Run run = run("check", "--config", file);

        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines())
                .containsExactly(
                        file
                                + ":5:77: warning: password is written in plain text; use 'password: \"${env:DATABASE_PASSWORD}\"'",
                        file
                                + ":6:76: warning: password is written in plain text; use 'password: \"${env:DATABASE_PASSWORD}\"'",
                        file + ": 2 warnings; pipeline 'shop', hub 'hub', spokes 'eu', 1 table rule");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void check_prints_all_problems_of_a_bad_file() throws IOException {
        String file = file(GOOD.replace("tables", "tabels"));

        Run run = run("check", "-c", file);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out())
                .contains(
                        file + ":7:1: unknown key 'tabels' in the file; did you mean 'tables'?", "2 errors, 2 warnings")
                .doesNotContain("cuckoo", "Exception");
    }

    @Test
    void check_answers_in_json() throws IOException {
        Run run = run("check", "--json", "-c", file(GOOD.replace("hub: hub", "hub: hob")));

        JsonNode answer = new ObjectMapper().readTree(run.out());
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(answer.at("/exitCode").asInt()).isEqualTo(2);
        assertThat(answer.at("/errors").asInt()).isEqualTo(1);
        assertThat(answer.at("/findings/0/severity").asText()).isEqualTo("error");
        assertThat(answer.at("/findings/0/what").asText()).isEqualTo("unknown region 'hob'");
        assertThat(answer.at("/findings/0/fix").asText()).isEqualTo("did you mean 'hub'?");
        assertThat(run.out()).doesNotContain("cuckoo");
    }

    @Test
    void conflicts_wants_a_time_a_region_and_a_table_that_make_sense() throws IOException {
        String file = file(GOOD);

        Run noTime = run("conflicts", "-c", file, "--since", "soon");
        Run noRegion = run("conflicts", "-c", file, "--region", "asia");
        Run noTable = run("conflicts", "-c", file, "--table", "a.b.c");
        Run noJournal = run("conflicts", "-c", file, "--region", "hub");

        assertThat(noTime.exitCode()).isEqualTo(2);
        assertThat(noTime.err()).contains("--since: 'soon' is no time; write a number and s, m, h or d");
        assertThat(noRegion.exitCode()).isEqualTo(2);
        assertThat(noTable.exitCode()).isEqualTo(2);
        assertThat(noTable.err()).startsWith("--table: ");
        assertThat(noJournal.exitCode()).isZero();
        assertThat(noJournal.out()).contains("region hub: no other region's changes come there");
    }

    @Test
    void what_could_not_be_reached_is_exit_code_1_and_an_error_beside_it_2() throws IOException {
        Finding away = new Finding(Finding.Severity.UNREACHABLE, "region eu", "no route with cuckoo-two", "wait");
        Finding wrong = new Finding(Finding.Severity.ERROR, "region hub", "wal_level is replica", "set it to logical");
        String file = file(GOOD);

        Run one = run(Main.commandLine(List.of(pipeline -> List.of(away))), "check", "-c", file);
        Run both = run(
                Main.commandLine(List.of(pipeline -> List.of(away), pipeline -> List.of(wrong))), "check", "-c", file);

        assertThat(one.exitCode()).isEqualTo(1);
        assertThat(one.out()).contains("region eu: unreachable: no route with ***; wait");
        assertThat(both.exitCode()).isEqualTo(2);
        assertThat(both.out()).contains("1 error, 1 unreachable, 2 warnings");
    }

    @CommandLine.Command(name = "extra")
    static final class Extra extends Command {

        @Override
        protected ExitCode run(Output output) {
            configuration();
            throw new IllegalStateException("broke with cuckoo-one");
        }
    }

    @Test
    void another_module_adds_its_own_commands() {
        assertThat(run(Main.commandLine(new Extra()), "--help").out()).contains("extra", "check");
    }

    @Test
    void a_failure_is_one_line_without_a_stack_trace_or_a_secret() throws IOException {
        Run run = run(Main.commandLine(new Extra()), "extra", "-c", file(GOOD));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines())
                .containsExactly(
                        "anabranch extra: IllegalStateException: broke with ***; run it again with -v for the stack trace");
    }

    @Test
    void a_failure_has_its_stack_trace_for_the_verbose() throws IOException {
        Run run = run(Main.commandLine(new Extra()), "extra", "-v", "-c", file(GOOD));

        assertThat(run.err())
                .contains("at org.anabranch.node.cli.MainTest$Extra.run")
                .doesNotContain("cuckoo");
    }

    @Test
    void a_bad_file_ends_any_command_with_all_its_problems() throws IOException {
        String file = file("pipeline: X\n");

        Run words = run(Main.commandLine(new Extra()), "extra", "-c", file);
        Run json = run(Main.commandLine(new Extra()), "extra", "--json", "-c", file);

        assertThat(words.exitCode()).isEqualTo(2);
        assertThat(words.err().lines()).hasSize(5).allMatch(line -> line.startsWith(file + ":1:"));
        assertThat(new ObjectMapper().readTree(json.out()).at("/findings").size())
                .isEqualTo(5);
    }
}
