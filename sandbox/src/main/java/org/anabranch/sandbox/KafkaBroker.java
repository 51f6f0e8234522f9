package org.anabranch.sandbox;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka cluster of one node, broker and controller in one JVM, on 127.0.0.1 only.
 *
 * <p>Durability: as Kafka's own default, without fsync. What was acknowledged survives the SIGKILL of the broker, but not a
 * crash of the machine. After a kill it takes about 4 s to come back, because the controller waits for the old session to end.
 */
public final class KafkaBroker implements SandboxProcess {
    private static final Duration READY_MAX = Duration.ofMinutes(2);
    private static final long READY_POLL_NANOS = 20_000_000;
    private static final int REQUEST_MILLIS_MAX = 5_000;
    private static final List<String> JVM_FLAGS = List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:CompileThresholdScaling=0.1", // sandboxes are short-lived: what they interpret costs more than to
            // compile it
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED");

    private final Settings settings;
    private final BrokerFiles files;
    /** So that a start notices a kill that found nothing to kill yet. */
    private final AtomicInteger kills = new AtomicInteger();

    private volatile @Nullable ChildJvm jvm;

    public KafkaBroker(Settings settings) {
        this.settings = settings;
        this.files = new BrokerFiles(settings);
    }

    /**
     * A listener beside the main one.
     *
     * @param name upper-case letters; not MAIN or CONTROLLER
     * @param port where the broker listens
     * @param advertisedPort where clients of this listener are told to connect: the port of a {@link TcpProxy} to it
     */
    public record Listener(String name, int port, int advertisedPort) {
        public Listener {
            if (!name.matches("[A-Z][A-Z_]*") || name.equals("MAIN") || name.equals("CONTROLLER")) {
                throw new IllegalArgumentException(
                        "Listener name '" + name + "': use upper-case letters, and not MAIN or CONTROLLER");
            }
        }
    }

    /**
     * Where and how a broker runs.
     *
     * @param directory holds data/, server.properties and kafka.log; created if missing, the data in it is used if there
     * @param configuration more settings of server.properties, which win over the sandbox's own
     * @param jvmFlags more JVM flags, which win over the sandbox's own
     */
    public record Settings(
            String name,
            Path directory,
            int port,
            List<Listener> extraListeners,
            Map<String, String> configuration,
            List<String> jvmFlags) {
        public Settings {
            directory = directory.toAbsolutePath().normalize();
            extraListeners = List.copyOf(extraListeners);
            configuration = Map.copyOf(configuration);
            jvmFlags = List.copyOf(jvmFlags);
        }

        public Settings(String name, Path directory, int port) {
            this(name, directory, port, List.of(), Map.of(), List.of());
        }
    }

    /** Whether {@link #prepareClassArchive()} would do anything. */
    public static boolean hasClassArchive() {
        return new ClassArchive("broker", ClassPath.ofBroker()).exists();
    }

    /**
     * Once per user, Java and Kafka: lets a broker run for a moment to record its classes, after which every broker starts in
     * half the time. Blocks for about 7 s, or not at all if that has been done.
     */
    public static void prepareClassArchive() {
        ClassArchive archive = new ClassArchive("broker", ClassPath.ofBroker());
        if (archive.exists()) {
            return;
        }
        Path folder = ChildProcesses.temporaryFolder();
        KafkaBroker trainee = new KafkaBroker(new Settings("class archive", folder, FreePorts.next()));
        try {
            Path recorded = folder.resolve("recorded.jsa");
            trainee.start(ClassArchive.recordingFlags(recorded));
            trainee.stop();
            if (Files.exists(recorded)) {
                archive.adopt(recorded);
            }
        } catch (IOException e) {
            throw new SandboxException("Cannot keep the class archive of the broker", e);
        } finally {
            trainee.kill();
            ChildProcesses.deleteTemporaryFolder(folder);
        }
    }

    /** Blocks until the broker answers and takes part in its cluster. Formats its storage first if that is new. */
    @Override
    public void start() {
        start(new ClassArchive("broker", ClassPath.ofBroker()).flags());
    }

    private synchronized void start(List<String> archiveFlags) {
        if (isAlive()) {
            throw new SandboxException(name() + " runs already as process " + pid());
        }
        int killsBefore = kills.get();
        FreePorts.require(port(), name());
        settings.extraListeners().forEach(listener -> FreePorts.require(listener.port(), name()));
        try {
            files.write(FreePorts.next());
            List<String> flags = new ArrayList<>(JVM_FLAGS);
            flags.addAll(archiveFlags);
            flags.add("-Dlogback.configurationFile=" + files.logging());
            flags.addAll(settings.jvmFlags());
            ChildJvm started = new ChildJvm(new ChildJvm.Settings(
                    name(),
                    "kafka.Kafka",
                    ClassPath.ofBroker(),
                    flags,
                    List.of(files.configuration().toString()),
                    Map.of(),
                    settings.directory(),
                    files.log()));
            started.start();
            jvm = started;
            if (kills.get() != killsBefore) {
                started.kill();
                throw new SandboxException(name() + " was killed while it started");
            }
            awaitReady(started, files.clusterId());
        } catch (IOException e) {
            throw new SandboxException("Cannot write the files of " + name() + " in " + settings.directory(), e);
        }
    }

    /** SIGTERM: the broker closes its logs, so that the next start needs no recovery. */
    @Override
    public void stop() {
        @Nullable ChildJvm running = jvm;
        if (running != null) {
            running.stop();
        }
    }

    @Override
    public void kill() {
        kills.incrementAndGet();
        @Nullable ChildJvm running = jvm;
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
        @Nullable ChildJvm running = jvm;
        return running != null && running.isAlive();
    }

    @Override
    public long pid() {
        return running().pid();
    }

    /**
     * Deletes all topics, offsets and the cluster's identity: the next start is that of a new cluster.
     *
     * @throws SandboxException if the broker runs
     */
    public synchronized void wipe() {
        if (isAlive()) {
            throw new SandboxException(name() + " runs: stop or kill it before its data is wiped");
        }
        try {
            FileTree.delete(files.storage());
        } catch (IOException e) {
            throw new SandboxException("Cannot delete " + files.storage() + " of " + name(), e);
        }
    }

    @Override
    public String name() {
        return "Kafka " + settings.name();
    }

    @Override
    public Path logFile() {
        return files.log();
    }

    public int port() {
        return settings.port();
    }

    /** host:port of the main listener. */
    public String bootstrap() {
        return "127.0.0.1:" + port();
    }

    private ChildJvm running() {
        @Nullable ChildJvm running = jvm;
        if (running == null || !running.isAlive()) {
            throw new SandboxException(name() + " is not running: start it first");
        }
        return running;
    }

    private void awaitReady(ChildJvm started, String clusterId) {
        long deadline = System.nanoTime() + READY_MAX.toNanos();
        boolean ready = false;
        while (!ready
                && started.isAlive()
                && System.nanoTime() - deadline < 0
                && !Thread.currentThread().isInterrupted()) {
            ready = listens() && answersAs(clusterId);
            if (!ready) {
                LockSupport.parkNanos(READY_POLL_NANOS);
            }
        }
        if (!ready) {
            String why = started.howItEnded();
            started.kill();
            throw new SandboxException(name() + " was not ready on " + bootstrap() + ": it " + why);
        }
    }

    /** Asked first, because an admin client logs every attempt. */
    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Another broker may hold the port, and a fenced one is not ready. */
    private boolean answersAs(String clusterId) {
        Properties properties = new Properties();
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap());
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS_MAX);
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, REQUEST_MILLIS_MAX);
        Admin admin = Admin.create(properties);
        try {
            DescribeClusterResult cluster = admin.describeCluster();
            return clusterId.equals(cluster.clusterId().get(REQUEST_MILLIS_MAX, TimeUnit.MILLISECONDS))
                    && !cluster.nodes()
                            .get(REQUEST_MILLIS_MAX, TimeUnit.MILLISECONDS)
                            .isEmpty();
        } catch (ExecutionException | TimeoutException notYet) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            admin.close(Duration.ZERO);
        }
    }
}
