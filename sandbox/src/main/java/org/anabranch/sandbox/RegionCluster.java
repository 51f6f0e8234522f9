package org.anabranch.sandbox;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Several regions on this machine. Started on the same directory again, it goes on with the same data, on the ports of the new
 * plan.
 */
public final class RegionCluster implements AutoCloseable {
    private static final int START_THREADS_END_SECONDS_MAX = 30;

    private final List<SandboxRegion> regions;
    private final @Nullable Path temporaryFolder;
    private final Consumer<String> progress;
    private final Started started;

    private RegionCluster(List<SandboxRegion> regions, @Nullable Path temporaryFolder, Plan plan) {
        this.regions = regions;
        this.temporaryFolder = temporaryFolder;
        this.progress = plan.progress();
        this.started = plan.started();
    }

    /** Goes on with a server as soon as it is ready, while others still start. */
    public interface Started {
        /**
         * Called in the thread that started the server, and may block: the start of the cluster waits for it. What it throws
         * makes the start of the cluster fail.
         */
        void started(String region, SandboxProcess server);
    }

    /**
     * One region of a plan.
     *
     * @param kafkaListeners beside the main one
     * @param postgresConfiguration more settings of postgresql.conf
     * @param kafkaConfiguration more settings of server.properties
     */
    public record RegionPlan(
            String name,
            int postgresPort,
            int kafkaPort,
            List<KafkaBroker.Listener> kafkaListeners,
            Map<String, String> postgresConfiguration,
            Map<String, String> kafkaConfiguration) {
        public RegionPlan {
            if (!name.matches("[a-z0-9][a-z0-9_-]*")) {
                throw new IllegalArgumentException(
                        "Region name '" + name + "': use lower-case letters, digits, - and _");
            }
            kafkaListeners = List.copyOf(kafkaListeners);
            postgresConfiguration = Map.copyOf(postgresConfiguration);
            kafkaConfiguration = Map.copyOf(kafkaConfiguration);
        }

        public RegionPlan(String name, int postgresPort, int kafkaPort) {
            this(name, postgresPort, kafkaPort, List.of(), Map.of(), Map.of());
        }
    }

    /**
     * What to start.
     *
     * @param directory holds a folder for each region; null for a temporary one, deleted at the end
     * @param progress told one line at a time, from several threads; must not block
     * @param started called for each server when it is ready
     */
    public record Plan(List<RegionPlan> regions, @Nullable Path directory, Consumer<String> progress, Started started) {
        public Plan {
            regions = List.copyOf(regions);
            if (regions.stream().map(RegionPlan::name).distinct().count() != regions.size()) {
                throw new IllegalArgumentException("Two regions of the same name in " + regions);
            }
        }

        /** Regions of these names on free ports in a temporary directory. */
        public static Plan of(String... names) {
            return new Plan(
                    Stream.of(names)
                            .map(name -> new RegionPlan(name, FreePorts.next(), FreePorts.next()))
                            .toList(),
                    null,
                    line -> {},
                    (region, server) -> {});
        }

        /** hub, eu and us. */
        public static Plan threeRegions() {
            return of("hub", "eu", "us");
        }

        /** The n-th region's PostgreSQL at the first port + n, its Kafka at the second + n. */
        public Plan withPorts(int firstPostgresPort, int firstKafkaPort) {
            List<RegionPlan> moved = new ArrayList<>();
            for (RegionPlan region : regions) {
                moved.add(new RegionPlan(
                        region.name(),
                        firstPostgresPort + moved.size(),
                        firstKafkaPort + moved.size(),
                        region.kafkaListeners(),
                        region.postgresConfiguration(),
                        region.kafkaConfiguration()));
            }
            return new Plan(moved, directory, progress, started);
        }

        public Plan withDirectory(Path kept) {
            return new Plan(regions, kept, progress, started);
        }

        public Plan withProgress(Consumer<String> told) {
            return new Plan(regions, directory, told, started);
        }

        public Plan withStarted(Started called) {
            return new Plan(regions, directory, progress, called);
        }
    }

    /**
     * Starts all servers at the same time and blocks until they are ready.
     *
     * @throws SandboxException if one of them does not start; then none is left running
     */
    public static RegionCluster start(Plan plan) {
        ChildProcesses.cleanUpLeftovers();
        @Nullable Path given = plan.directory();
        Path directory = given == null ? ChildProcesses.temporaryFolder() : given;
        List<SandboxRegion> regions = plan.regions().stream()
                .map(region -> region(region, directory.resolve(region.name())))
                .toList();
        RegionCluster cluster = new RegionCluster(regions, given == null ? directory : null, plan);
        boolean started = false;
        try {
            cluster.startAll();
            started = true;
            return cluster;
        } finally {
            if (!started) {
                cluster.killAll();
                cluster.deleteTemporaryFolder();
            }
        }
    }

    /** In the plan's order. */
    public List<SandboxRegion> regions() {
        return regions;
    }

    /**
     * The region of this name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public SandboxRegion region(String name) {
        return regions.stream()
                .filter(region -> region.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No region '" + name + "', only "
                        + regions.stream().map(SandboxRegion::name).toList()));
    }

    /** Kills everything if its directory is temporary, and deletes that; stops everything in order otherwise. Blocks. */
    @Override
    public void close() {
        if (temporaryFolder == null) {
            stopAll();
        } else {
            killAll();
            deleteTemporaryFolder();
        }
    }

    private static SandboxRegion region(RegionPlan plan, Path directory) {
        return new SandboxRegion(
                plan.name(),
                new PostgresServer(new PostgresServer.Settings(
                        plan.name(), directory.resolve("postgres"), plan.postgresPort(), plan.postgresConfiguration())),
                new KafkaBroker(new KafkaBroker.Settings(
                        plan.name(),
                        directory.resolve("kafka"),
                        plan.kafkaPort(),
                        plan.kafkaListeners(),
                        plan.kafkaConfiguration(),
                        List.of())));
    }

    private Stream<SandboxProcess> servers() {
        return regions.stream().flatMap(region -> Stream.of(region.postgres(), region.kafka()));
    }

    private void startAll() {
        FutureTask<Void> archive = new FutureTask<>(this::prepareClassArchive, null);
        ExecutorService threads = Executors.newFixedThreadPool(2 * regions.size() + 1);
        try {
            CompletionService<Void> starts = new ExecutorCompletionService<>(threads);
            threads.execute(archive);
            for (SandboxRegion region : regions) {
                starts.submit(
                        () -> startOne(
                                region.name(),
                                region.postgres(),
                                region.postgres().port()),
                        null);
                starts.submit(() -> {
                    archive.get();
                    startOne(region.name(), region.kafka(), region.kafka().port());
                    return null;
                });
            }
            awaitAll(starts, 2 * regions.size());
        } finally {
            end(threads);
        }
    }

    private void prepareClassArchive() {
        if (!KafkaBroker.hasClassArchive()) {
            progress.accept("Kafka: recording its classes, once, so that later starts are faster");
            KafkaBroker.prepareClassArchive();
        }
    }

    private void startOne(String region, SandboxProcess server, int port) {
        long begin = System.nanoTime();
        server.start();
        double seconds = (System.nanoTime() - begin) / 1e9;
        progress.accept(String.format(Locale.ROOT, "%s ready on %d (%.1f s)", server.name(), port, seconds));
        started.started(region, server);
    }

    private static void awaitAll(CompletionService<Void> starts, int count) {
        try {
            for (int i = 0; i < count; i++) {
                Future<Void> done = starts.take();
                done.get();
            }
        } catch (ExecutionException e) {
            @Nullable
            Throwable cause = e.getCause() instanceof ExecutionException nested ? nested.getCause() : e.getCause();
            throw cause instanceof SandboxException known
                    ? known
                    : new SandboxException("A server of the sandbox did not start: " + cause, e);
        } catch (InterruptedException e) {
            throw SandboxException.interrupted("starting the regions", e);
        }
    }

    /** Starts that are still under way are interrupted, and end what they have begun. */
    private void end(ExecutorService threads) {
        threads.shutdownNow();
        boolean interrupted = Thread.interrupted();
        try {
            if (!threads.awaitTermination(START_THREADS_END_SECONDS_MAX, TimeUnit.SECONDS)) {
                progress.accept("A start is still under way after " + START_THREADS_END_SECONDS_MAX + " s");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void stopAll() {
        List<Thread> stops = servers()
                .map(server -> Thread.ofVirtual().name("stop " + server.name()).start(server::stop))
                .toList();
        for (Thread stop : stops) {
            try {
                stop.join(Duration.ofMinutes(1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        killAll();
    }

    private void killAll() {
        servers().forEach(SandboxProcess::kill);
    }

    private void deleteTemporaryFolder() {
        if (temporaryFolder != null) {
            ChildProcesses.deleteTemporaryFolder(temporaryFolder);
        }
    }
}
