package org.anabranch.sandbox;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running child process. */
final class Child {
    private static final Logger LOG = LoggerFactory.getLogger(Child.class);

    private final Command command;
    private final Process process;
    private final ProcessGroup group;

    private Child(Command command, Process process, ProcessGroup group) {
        this.command = command;
        this.process = process;
        this.group = group;
    }

    /**
     * What to start.
     *
     * @param executable the real path of the program that runs in the end, which may differ from the first word
     * @param dataDirectory the data directory of a PostgreSQL server, null for any other program
     * @param dropped begin of the names of inherited environment variables that the child must not see, empty for none
     */
    record Command(
            String what,
            List<String> words,
            Path executable,
            Path workingDirectory,
            @Nullable Path dataDirectory,
            Map<String, String> environment,
            String dropped,
            Path logFile) {
        Command {
            words = List.copyOf(words);
            environment = Map.copyOf(environment);
        }

        boolean drops(String variable) {
            return !dropped.isEmpty() && variable.startsWith(dropped);
        }
    }

    /** A child that has ended already has an identity that no process can have. */
    static Child of(Command command, Process process) {
        ProcessIdentity identity =
                ProcessIdentity.of(process.pid()).orElseGet(() -> new ProcessIdentity(process.pid(), -1));
        return new Child(command, process, new ProcessGroup(identity, command.executable(), command.dataDirectory()));
    }

    String what() {
        return command.what();
    }

    ProcessGroup group() {
        return group;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Blocks until the child has ended by itself, and kills it after this time. The exit code, 137 when killed. */
    int awaitExit(Duration max) {
        try {
            if (!process.waitFor(max.toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
                throw new SandboxException(
                        what() + " has not ended within " + max.toSeconds() + " s" + LogFile.tail(command.logFile()));
            }
            ChildProcesses.forget(this);
            return process.exitValue();
        } catch (InterruptedException e) {
            kill();
            throw SandboxException.interrupted("waiting for " + what(), e);
        }
    }

    /** Sends the signal and blocks until nothing is left; kills what has not ended by then. */
    void stop(Signal signal, Duration max) {
        group.resume();
        signal.send(Set.of(group.root()));
        try {
            if (!process.waitFor(max.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.atWarn()
                        .addKeyValue("what", what())
                        .addKeyValue("pid", pid())
                        .addKeyValue("seconds", max.toSeconds())
                        .log("killed, because it did not end when asked to");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kill();
    }

    void kill() {
        group.kill();
        reap();
        ChildProcesses.forget(this);
    }

    void pause() {
        group.pause();
    }

    void resume() {
        group.resume();
    }

    /** For the error that says why it is not running. */
    String howItEnded() {
        return (process.isAlive() ? "is running" : "ended with exit code " + process.exitValue())
                + LogFile.tail(command.logFile());
    }

    /** The process is gone for the kernel: waits until Java knows it too. */
    private void reap() {
        boolean interrupted = false;
        while (process.isAlive()) {
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
