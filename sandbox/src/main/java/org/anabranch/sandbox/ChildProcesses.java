package org.anabranch.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All children of this JVM. A shutdown hook kills them at a normal end, Ctrl-C and SIGTERM. For the case that this JVM is
 * killed itself, each is recorded in a file of the user's cache folder, and the next sandbox to start anything ends what is
 * still there.
 */
public final class ChildProcesses {
    /** In the environment of each child: the key of the JVM that started it. */
    static final String PARENT_VARIABLE = "ANABRANCH_SANDBOX_PARENT";

    private static final Logger LOG = LoggerFactory.getLogger(ChildProcesses.class);
    private static final Object LOCK = new Object();
    private static final Set<Child> RUNNING = new LinkedHashSet<>();
    private static final Set<Path> TEMPORARY_FOLDERS = new LinkedHashSet<>();
    private static final List<Runnable> BEFORE_END = new CopyOnWriteArrayList<>();
    private static @Nullable Path file;
    private static boolean ending;

    private ChildProcesses() {}

    /**
     * Ends what sandboxes of this user left running whose JVM was killed. Every start of a child does it first. Blocks until
     * the processes are gone.
     */
    public static void cleanUpLeftovers() {
        new Leftovers(CacheFolder.of("children"), ParentKey.ofThisJvm()).cleanUp();
    }

    /**
     * The action runs when this JVM ends, in whatever way but SIGKILL, before the children are killed: to stop them in order. It
     * has to bound its waits itself.
     */
    public static void beforeEnd(Runnable action) {
        synchronized (LOCK) {
            prepare();
            BEFORE_END.add(action);
        }
    }

    /** Starts and records. */
    static Child start(Child.Command command) {
        cleanUpLeftovers();
        synchronized (LOCK) {
            Path records = prepare();
            Process process = launch(command);
            try {
                Child child = Child.of(command, process);
                append(records, new ChildRecord.Started(command.what(), child.group()));
                RUNNING.add(child);
                return child;
            } catch (SandboxException e) {
                process.destroyForcibly();
                throw e;
            }
        }
    }

    /** For a child of which nothing is left. */
    static void forget(Child child) {
        synchronized (LOCK) {
            RUNNING.remove(child);
        }
    }

    /** A new folder that is deleted when this JVM ends, or by the next sandbox if this JVM is killed. */
    public static Path temporaryFolder() {
        synchronized (LOCK) {
            Path records = prepare();
            try {
                Path folder = Files.createTempDirectory("anabranch-").toRealPath();
                append(records, new ChildRecord.TemporaryFolder(folder));
                TEMPORARY_FOLDERS.add(folder);
                return folder;
            } catch (IOException e) {
                throw new SandboxException("Cannot create a folder in " + System.getProperty("java.io.tmpdir"), e);
            }
        }
    }

    /** Deletes a folder made by {@link #temporaryFolder()} now. */
    public static void deleteTemporaryFolder(Path folder) {
        synchronized (LOCK) {
            try {
                FileTree.delete(folder);
                TEMPORARY_FOLDERS.remove(folder);
            } catch (IOException e) {
                throw new SandboxException("Cannot delete the temporary folder " + folder, e);
            }
        }
    }

    private static Process launch(Child.Command command) {
        try {
            LogFile.prepare(command.logFile());
            ProcessBuilder builder = new ProcessBuilder(command.words())
                    .directory(command.workingDirectory().toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(command.logFile().toFile()));
            builder.environment().keySet().removeIf(command::drops);
            builder.environment().putAll(command.environment());
            builder.environment().put(PARENT_VARIABLE, ParentKey.ofThisJvm().toString());
            return builder.start();
        } catch (IOException e) {
            throw new SandboxException(
                    "Cannot start " + command.what() + " (" + command.words().get(0) + ")", e);
        }
    }

    /** The file of this JVM, with the shutdown hook in place. */
    private static Path prepare() {
        if (ending) {
            throw new SandboxException("This JVM is ending: no child is started any more");
        }
        Path known = file;
        if (known == null) {
            known = CacheFolder.of("children").resolve(ParentKey.ofThisJvm().toString());
            Runtime.getRuntime()
                    .addShutdownHook(Thread.ofPlatform().name("sandbox-end").unstarted(ChildProcesses::endAll));
            file = known;
        }
        return known;
    }

    private static void append(Path records, ChildRecord line) {
        try {
            Files.writeString(records, line.line() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new SandboxException("Cannot record a child in " + records, e);
        }
    }

    private static void endAll() {
        BEFORE_END.forEach(ChildProcesses::runQuietly);
        synchronized (LOCK) {
            ending = true;
            List<Child> children = List.copyOf(RUNNING);
            boolean allGone = children.stream().allMatch(ChildProcesses::endQuietly);
            boolean allDeleted = TEMPORARY_FOLDERS.stream().allMatch(ChildProcesses::deleteQuietly);
            if (allGone && allDeleted && file != null) {
                deleteQuietly(file);
            }
        }
    }

    private static void runQuietly(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("could not end in order");
        }
    }

    private static boolean endQuietly(Child child) {
        try {
            child.group().kill();
            return true;
        } catch (SandboxException e) {
            LOG.atError().addKeyValue("what", child.what()).setCause(e).log("could not end a child");
            return false;
        }
    }

    private static boolean deleteQuietly(Path path) {
        try {
            FileTree.delete(path);
            return true;
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("path", path).setCause(e).log("could not delete");
            return false;
        }
    }
}
