package org.anabranch.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a program's children when it ends, in whatever way. */
class ChildProcessesIT {
    @TempDir
    Path directory;

    private final List<ChildJvm> programs = new ArrayList<>();

    @AfterEach
    void end() {
        programs.forEach(ChildJvm::kill);
        ChildProcesses.cleanUpLeftovers();
    }

    @Test
    void theNextStartEndsWhatAProgramLeftThatWasKilledAndNothingElse() throws IOException {
        ChildJvm other = program("wait", directory.resolve("other"));
        other.start();
        ChildJvm program = program("wait", directory.resolve("killed"));
        program.start();
        Left left = awaitRunning(program, directory.resolve("killed"));
        Left ofOther = awaitRunning(other, directory.resolve("other"));

        ProcessHandle.of(program.pid()).orElseThrow().destroyForcibly();
        await().atMost(Duration.ofMinutes(2)).until(() -> !program.isAlive());
        assertThat(left.processes()).hasSizeGreaterThan(6).allMatch(ProcessIdentity::isAlive);
        ChildProcesses.cleanUpLeftovers();

        assertThat(left.processes()).noneMatch(ProcessIdentity::isAlive);
        assertThat(left.temporaryFolder()).doesNotExist();
        assertThat(ofOther.processes()).allMatch(ProcessIdentity::isAlive);
        assertThat(ofOther.temporaryFolder()).exists();
    }

    @Test
    void theNextStartEndsPausedServerProcessesWhosePostmasterIsGoneToo() throws IOException {
        ChildJvm program = program("wait", directory);
        program.start();
        Left left = awaitRunning(program, directory);
        Signal.STOP.send(left.processes());

        Signal.KILL.send(Set.of(
                ProcessIdentity.of(program.pid()).orElseThrow(),
                left.processes().get(0)));
        await().atMost(Duration.ofMinutes(2))
                .until(() -> !program.isAlive() && !left.processes().get(0).isAlive());
        assertThat(left.processes().subList(1, left.processes().size())).anyMatch(ProcessIdentity::isAlive);
        ChildProcesses.cleanUpLeftovers();

        assertThat(left.processes()).noneMatch(ProcessIdentity::isAlive);
    }

    @Test
    void aProcessThatOnlyHasTheNumberOfARecordedOneIsLeftAlone() throws IOException {
        ChildJvm bystander = new ChildJvm(new ChildJvm.Settings(
                "bystander",
                SandboxMain.Sleeper.class.getName(),
                List.of("-Xmx32m"),
                List.of(),
                directory.resolve("bystander.log")));
        programs.add(bystander);
        bystander.start();
        ProcessIdentity real = ProcessIdentity.of(bystander.pid()).orElseThrow();
        Path java = Path.of(real.executable().orElseThrow());
        ParentKey self = ParentKey.ofThisJvm();
        Path deadParents = CacheFolder.of("children")
                .resolve(new ParentKey(
                                self.boot(),
                                self.processNamespace(),
                                new ProcessIdentity(self.parent().pid(), 1))
                        .toString());
        ProcessIdentity otherStart = new ProcessIdentity(real.pid(), real.startTicks() - 1);
        Files.writeString(
                deadParents,
                new ChildRecord.Started("another start", new ProcessGroup(otherStart, java, null)).line() + "\n"
                        + new ChildRecord.Started("another program", new ProcessGroup(real, Path.of("/bin/true"), null))
                                .line()
                        + "\n"
                        + "child\tcut short");

        ChildProcesses.cleanUpLeftovers();

        assertThat(bystander.isAlive()).isTrue();
        assertThat(deadParents).doesNotExist();
    }

    @Test
    void theNextStartEndsAChildThatItsParentHadNoTimeToRecord() throws IOException {
        ParentKey self = ParentKey.ofThisJvm();
        ParentKey dead = new ParentKey(
                self.boot(),
                self.processNamespace(),
                new ProcessIdentity(self.parent().pid(), 2));
        Files.createFile(CacheFolder.of("children").resolve(dead.toString()));
        ProcessBuilder sleep = new ProcessBuilder("sleep", "600");
        sleep.environment().put(ChildProcesses.PARENT_VARIABLE, dead.toString());
        Process unrecorded = sleep.start();
        try {
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> unrecorded.info().commandLine().orElse("").contains("600"));

            ChildProcesses.cleanUpLeftovers();

            await().atMost(Duration.ofMinutes(2)).until(() -> !unrecorded.isAlive());
        } finally {
            unrecorded.destroyForcibly();
        }
    }

    @Test
    void nothingIsLeftAfterSigterm() throws IOException {
        ChildJvm program = program("wait", directory);
        program.start();
        Left left = awaitRunning(program, directory);

        Signal.TERM.send(Set.of(ProcessIdentity.of(program.pid()).orElseThrow()));

        assertThat(program.awaitExit(Duration.ofMinutes(2))).isEqualTo(143);
        assertNothingLeft(left);
    }

    @Test
    void nothingIsLeftWhenMainReturns() throws IOException {
        ChildJvm program = program("end", directory);
        program.start();

        assertThat(program.awaitExit(Duration.ofMinutes(2))).isZero();
        assertNothingLeft(Left.read(directory));
    }

    @Test
    void nothingIsLeftWhenMainThrows() throws IOException {
        ChildJvm program = program("fail", directory);
        program.start();

        assertThat(program.awaitExit(Duration.ofMinutes(2))).isEqualTo(1);
        assertNothingLeft(Left.read(directory));
    }

    private void assertNothingLeft(Left left) throws IOException {
        assertThat(left.processes()).noneMatch(ProcessIdentity::isAlive);
        assertThat(left.temporaryFolder()).doesNotExist();
        String here = directory.toRealPath().toString();
        assertThat(ProcessIdentity.all()).noneMatch(process -> process.workingDirectory()
                .filter(path -> path.startsWith(here))
                .isPresent());
    }

    private ChildJvm program(String wayToGoOn, Path folder) throws IOException {
        Files.createDirectories(folder);
        ChildJvm program = new ChildJvm(new ChildJvm.Settings(
                "program",
                SandboxMain.class.getName(),
                List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                List.of(folder.toString(), wayToGoOn),
                folder.resolve("program.log")));
        programs.add(program);
        return program;
    }

    private static Left awaitRunning(ChildJvm program, Path folder) throws IOException {
        await().atMost(Duration.ofMinutes(5))
                .failFast("the program has ended, see " + program.logFile(), () -> !program.isAlive())
                .until(() -> Files.exists(folder.resolve("running")));
        return Left.read(folder);
    }

    /** The children, the postmaster first, and all processes of the server. */
    private record Left(List<ProcessIdentity> processes, Path temporaryFolder) {
        static Left read(Path folder) throws IOException {
            List<String> lines = Files.readAllLines(folder.resolve("running"));
            List<ProcessIdentity> processes = new ArrayList<>();
            for (String pid : lines.subList(0, 2)) {
                ProcessIdentity.of(Long.parseLong(pid)).ifPresent(processes::add);
                ProcessHandle.of(Long.parseLong(pid)).ifPresent(handle -> handle.descendants()
                        .forEach(child -> ProcessIdentity.of(child.pid()).ifPresent(processes::add)));
            }
            return new Left(processes, Path.of(lines.get(2)));
        }
    }
}
