package org.anabranch.sandbox;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A child process and all that belongs to it. Children of a PostgreSQL server are found by their program and their working
 * directory too, because they have no parent any more when the postmaster was killed.
 *
 * @param dataDirectory the data directory of a PostgreSQL server, null for any other program
 */
record ProcessGroup(
        ProcessIdentity root, Path executable, @Nullable Path dataDirectory) {
    private static final Duration KILL_MAX = Duration.ofSeconds(20);
    private static final long POLL_NANOS = 2_000_000;

    /** The child itself first. */
    Set<ProcessIdentity> members() {
        Set<ProcessIdentity> members = new LinkedHashSet<>();
        if (root.isAlive()) {
            members.add(root);
            ProcessHandle.of(root.pid()).ifPresent(handle -> handle.descendants()
                    .forEach(descendant -> ProcessIdentity.of(descendant.pid()).ifPresent(members::add)));
        }
        members.addAll(serverProcesses());
        return members;
    }

    /**
     * Kills until nothing is left. A member may fork between the look and the kill: what a PostgreSQL server has forked is
     * found by another look; any other program is stopped first.
     */
    void kill() {
        long deadline = System.nanoTime() + KILL_MAX.toNanos();
        Set<ProcessIdentity> left = dataDirectory == null ? pause() : members();
        while (!left.isEmpty()) {
            if (System.nanoTime() - deadline > 0) {
                throw new SandboxException("Processes " + left + " are still there " + KILL_MAX.toSeconds()
                        + " s after SIGKILL: they hang in the kernel, look at their state with ps");
            }
            Signal.KILL.send(left);
            awaitEnd(left, deadline);
            left = serverProcesses();
        }
        if (dataDirectory != null) {
            SharedMemory.removeLeftBehind(dataDirectory);
        }
    }

    /** Stops the child first, then what it has started, until nothing is left that could start another. */
    Set<ProcessIdentity> pause() {
        Set<ProcessIdentity> stopped = new LinkedHashSet<>();
        Set<ProcessIdentity> found = root.isAlive() ? Set.of(root) : members();
        while (!found.isEmpty()) {
            Signal.STOP.send(found);
            stopped.addAll(found);
            found = members();
            found.removeAll(stopped);
        }
        return stopped;
    }

    void resume() {
        Signal.CONT.send(members());
    }

    private Set<ProcessIdentity> serverProcesses() {
        Set<ProcessIdentity> found = new LinkedHashSet<>();
        if (dataDirectory != null) {
            String directory = dataDirectory.toString();
            ProcessIdentity.all().stream()
                    .filter(process ->
                            process.workingDirectory().filter(directory::equals).isPresent())
                    .filter(this::runsExecutable)
                    .forEach(found::add);
        }
        return found;
    }

    boolean runsExecutable(ProcessIdentity process) {
        return process.executable().filter(executable.toString()::equals).isPresent();
    }

    private static void awaitEnd(Set<ProcessIdentity> processes, long deadline) {
        while (processes.stream().anyMatch(ProcessIdentity::isAlive) && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
