package org.anabranch.sandbox;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Signals to processes. Java itself sends only SIGTERM and SIGKILL; the others go through the shell's own kill. */
enum Signal {
    STOP,
    CONT,
    INT,
    TERM,
    KILL;

    private static final int SHELL_SECONDS_MAX = 10;

    /** Sends this signal to each of the processes that is still alive. */
    void send(Collection<ProcessIdentity> processes) {
        List<ProcessIdentity> alive =
                processes.stream().filter(ProcessIdentity::isAlive).toList();
        if (this == KILL) {
            alive.forEach(process -> ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly));
        } else if (!alive.isEmpty()) {
            sendByShell(alive);
        }
    }

    private void sendByShell(List<ProcessIdentity> processes) {
        List<String> words =
                new ArrayList<>(List.of("/bin/sh", "-c", "kill -" + name() + " \"$@\" 2>/dev/null", "kill"));
        processes.forEach(process -> words.add(Long.toString(process.pid())));
        try {
            Process shell = new ProcessBuilder(words)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            awaitEnd(shell);
        } catch (IOException e) {
            throw new SandboxException("Cannot send SIG" + name() + " to " + processes, e);
        }
    }

    /** Goes on when interrupted: who is interrupted still has to end what it started. */
    private void awaitEnd(Process shell) {
        boolean interrupted = Thread.interrupted();
        try {
            if (!shell.waitFor(SHELL_SECONDS_MAX, TimeUnit.SECONDS)) {
                shell.destroyForcibly();
                throw new SandboxException("Sending SIG" + name() + " by the shell took too long");
            }
        } catch (InterruptedException e) {
            interrupted = true;
            awaitEnd(shell);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
