package org.anabranch.sandbox.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.anabranch.node.cli.Main;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SimulateCommandTest {

    /** What a command printed, on both ways out. */
    private record Answer(int exitCode, String text) {}

    private static Answer simulate(String... arguments) {
        StringWriter text = new StringWriter();
        CommandLine commandLine = Main.commandLine(new SimulateCommand())
                .setOut(new PrintWriter(text, true))
                .setErr(new PrintWriter(text, true));
        String[] all = new String[arguments.length + 1];
        all[0] = "simulate";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return new Answer(commandLine.execute(all), text.toString());
    }

    @Test
    void seedsThatAllEndWellGiveTheirNumberAndExitCode0() {
        Answer answer = simulate("--seeds", "50");

        assertThat(answer.text()).startsWith("50 seeds in ").contains("seeds/s").contains("with the same rows");
        assertThat(answer.exitCode()).isZero();
    }

    @Test
    void aBugThatIsCaughtIsExitCode0AndItsSeedFailsAgain() {
        Answer caught = simulate("--bug", "guard-left-out");

        assertThat(caught.text()).containsPattern("guard-left-out +caught by seed 0\n");
        assertThat(caught.text()).contains("anabranch simulate --seed 0 --bug guard-left-out");
        assertThat(caught.exitCode()).isZero();

        Answer again = simulate("--bug", "GUARD_LEFT_OUT", "--seed", "0");

        assertThat(again.text())
                .contains("steps, and in ")
                .contains("eu: writes a")
                .contains("Seed 0 fails: ");
        assertThat(again.exitCode()).isZero();
    }

    @Test
    void aBugThatIsNotCaughtIsExitCode1() {
        Answer survived = simulate("--bug", "capture-starts-one-late", "--seeds", "1");

        assertThat(survived.text()).containsPattern("capture-starts-one-late +survived 1 seeds\n");
        assertThat(survived.exitCode()).isEqualTo(1);
    }

    @Test
    void theSameSeedTellsTheSameStory() {
        assertThat(simulate("--seed", "7")).isEqualTo(simulate("--seed", "7"));
    }

    @Test
    void whatCannotBeRunIsRefusedWithWhatWasMeant() {
        for (List<String> wrong : List.of(
                List.of("--bug", "gard-left-out", "did you mean 'guard-left-out'?"),
                List.of("--bug", "moth", "see 'anabranch simulate --help'"),
                List.of("--seeds", "0", "write 1 or more"),
                List.of("--bug=all", "--seed=1", "name it, or leave --seed out"))) {
            Answer answer = simulate(wrong.get(0), wrong.get(1));

            assertThat(answer.text()).contains(wrong.get(2));
            assertThat(answer.exitCode()).isEqualTo(2);
        }
    }

    @Test
    void helpNamesEveryBug() {
        assertThat(simulate("--help").text()).contains("no-echo-for-contested-rows", "appliers-writes-are-captured");
    }
}
