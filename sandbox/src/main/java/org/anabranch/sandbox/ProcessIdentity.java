package org.anabranch.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One process and no other: a process id may be used again, but not with the same start. The start is counted in clock ticks
 * since the machine booted, as the kernel writes it, because a time of day made from it moves with the clock.
 */
record ProcessIdentity(long pid, long startTicks) {
    private static final Path PROC = Path.of("/proc");
    /** Places in /proc/PID/stat, counted from the field after the command's closing parenthesis. */
    private static final int STATE_FIELD = 0;

    private static final int START_TICKS_FIELD = 19;

    /** The process that has this id now, unless there is none or it is a zombie. */
    static Optional<ProcessIdentity> of(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            boolean ended = fields[STATE_FIELD].equals("Z") || fields[STATE_FIELD].equals("X");
            return ended
                    ? Optional.empty()
                    : Optional.of(new ProcessIdentity(pid, Long.parseLong(fields[START_TICKS_FIELD])));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    static ProcessIdentity ofThisJvm() {
        long pid = ProcessHandle.current().pid();
        return of(pid).orElseThrow(() -> new SandboxException("Cannot read /proc/" + pid + "/stat: is /proc mounted?"));
    }

    /** Every process that can be seen. */
    static List<ProcessIdentity> all() {
        List<ProcessIdentity> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path entry : entries) {
                of(Long.parseLong(entry.getFileName().toString())).ifPresent(found::add);
            }
        } catch (IOException e) {
            throw new SandboxException("Cannot list /proc: is it mounted?", e);
        }
        return found;
    }

    boolean isAlive() {
        return of(pid).filter(this::equals).isPresent();
    }

    /** The file that the process runs, unless that may not be read. */
    Optional<String> executable() {
        return link("exe").map(path -> path.replace(" (deleted)", ""));
    }

    Optional<String> workingDirectory() {
        return link("cwd");
    }

    /** Whether the process was started with this NAME=value in its environment. */
    boolean wasStartedWith(String variable) {
        try {
            String environment = Files.readString(PROC.resolve(pid + "/environ"), StandardCharsets.ISO_8859_1);
            return List.of(environment.split("\0", -1)).contains(variable);
        } catch (IOException notOurs) {
            return false;
        }
    }

    private Optional<String> link(String name) {
        try {
            return Optional.of(
                    Files.readSymbolicLink(PROC.resolve(pid + "/" + name)).toString());
        } catch (IOException notOursOrGone) {
            return Optional.empty();
        }
    }
}
