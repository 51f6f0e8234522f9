package org.anabranch.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Java program in a JVM of its own, run by the same java as this one. {@link #start()} does not wait until it is ready. */
public final class ChildJvm implements SandboxProcess {
    private static final Duration STOP_MAX = Duration.ofSeconds(30);

    private final Settings settings;
    private volatile @Nullable Child child;

    public ChildJvm(Settings settings) {
        this.settings = settings;
    }

    /**
     * What to run.
     *
     * @param jvmFlags before the class name: -Xmx and the like
     * @param environment added to this JVM's own
     * @param workingDirectory must be there
     */
    public record Settings(
            String name,
            String mainClass,
            List<Path> classPath,
            List<String> jvmFlags,
            List<String> arguments,
            Map<String, String> environment,
            Path workingDirectory,
            Path logFile) {
        public Settings {
            classPath = List.copyOf(classPath);
            jvmFlags = List.copyOf(jvmFlags);
            arguments = List.copyOf(arguments);
            environment = Map.copyOf(environment);
        }

        /** With this JVM's class path, in the log file's folder. */
        public Settings(String name, String mainClass, List<String> jvmFlags, List<String> arguments, Path logFile) {
            this(
                    name,
                    mainClass,
                    ClassPath.ofThisJvm(),
                    jvmFlags,
                    arguments,
                    Map.of(),
                    logFile.toAbsolutePath().resolveSibling("."),
                    logFile);
        }
    }

    @Override
    public synchronized void start() {
        if (isAlive()) {
            throw new SandboxException(name() + " runs already as process " + pid());
        }
        Path java = java();
        List<String> words = new ArrayList<>(List.of(java.toString()));
        words.addAll(settings.jvmFlags());
        words.addAll(List.of("-cp", ClassPath.text(settings.classPath()), settings.mainClass()));
        words.addAll(settings.arguments());
        try {
            Files.createDirectories(settings.workingDirectory());
        } catch (IOException e) {
            throw new SandboxException("Cannot create " + settings.workingDirectory() + " for " + name(), e);
        }
        child = ChildProcesses.start(new Child.Command(
                name(), words, java, settings.workingDirectory(), null, settings.environment(), "", logFile()));
    }

    /** SIGTERM, so that the program's shutdown hooks run. */
    @Override
    public void stop() {
        @Nullable Child running = child;
        if (running != null) {
            running.stop(Signal.TERM, STOP_MAX);
        }
    }

    @Override
    public void kill() {
        @Nullable Child running = child;
        if (running != null) {
            running.kill();
        }
    }

    @Override
    public void pause() {
        running().pause();
    }

    @Override
    public void resume() {
        running().resume();
    }

    @Override
    public boolean isAlive() {
        @Nullable Child running = child;
        return running != null && running.isAlive();
    }

    @Override
    public long pid() {
        return running().pid();
    }

    /** Blocks until the program ends by itself and gives its exit code; kills it and fails after this time. */
    public int awaitExit(Duration max) {
        @Nullable Child started = child;
        if (started == null) {
            throw new SandboxException(name() + " was never started");
        }
        return started.awaitExit(max);
    }

    @Override
    public String name() {
        return settings.name();
    }

    @Override
    public Path logFile() {
        return settings.logFile();
    }

    /** For an error message: whether it runs or how it ended, and the end of its log. */
    String howItEnded() {
        @Nullable Child started = child;
        return started == null ? "was never started" : started.howItEnded();
    }

    private Child running() {
        @Nullable Child running = child;
        if (running == null || !running.isAlive()) {
            throw new SandboxException(name() + " is not running: start it first");
        }
        return running;
    }

    private static Path java() {
        Path java = Path.of(System.getProperty("java.home", ""), "bin", "java");
        try {
            return java.toRealPath();
        } catch (IOException e) {
            throw new SandboxException("This JVM has no java program at " + java, e);
        }
    }
}
