package org.anabranch.sandbox.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.anabranch.node.cli.CommandException;
import org.anabranch.node.cli.ExitCode;
import org.anabranch.node.config.ConfigurationFile;
import org.anabranch.sandbox.PostgresServer;
import org.anabranch.sandbox.RegionCluster;
import org.anabranch.sandbox.RegionCluster.RegionPlan;
import org.anabranch.sandbox.SandboxProcess;
import org.anabranch.schemas.Finding;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The demo from its start to its end: servers and brokers, the shop's database, the nodes, the workload. {@link #end()} may
 * come at any time, from another thread.
 */
final class Demo {

    private static final Logger LOG = LoggerFactory.getLogger(Demo.class);

    private static final Duration READY_MAX = Duration.ofMinutes(5);
    private static final long READY_POLL_NANOS = 200_000_000;
    private static final int SERVERS_OF_REGION = 2;
    private static final Duration WRITE_EVERY = Duration.ofMillis(10);

    /** In each region. */
    private static final Duration WRITE_CONTESTED_EVERY = Duration.ofMillis(200);

    private final Settings settings;
    private final DemoNodes nodes;
    private final WorkloadRunner workload;
    private final List<WorkloadRunner> contestedWorkloads;
    private final ConflictMeter conflicts;
    private final Probe probe;
    private final RateMeter transactionRate = new RateMeter(System::nanoTime);
    private final RateMeter rowRate = new RateMeter(System::nanoTime);
    private final RateMeter contestedRate = new RateMeter(System::nanoTime);
    private final long begun = System.nanoTime();
    private volatile boolean ending;
    private volatile @Nullable RegionCluster cluster;
    private volatile @Nullable Monitor monitor;
    private volatile @Nullable Keeper keeper;

    /**
     * @param hasWorkload whether the demo writes by itself
     * @param progress told one line at a time, from several threads
     */
    record Settings(DemoPorts ports, DemoFolder folder, boolean hasWorkload, long seed, Consumer<String> progress) {}

    Demo(Settings settings) {
        this.settings = settings;
        this.nodes = new DemoNodes(settings.folder());
        this.workload =
                new WorkloadRunner(settings.ports().jdbcUrl(hub()), settings.seed(), WRITE_EVERY, ShopWriter::new);
        this.contestedWorkloads =
                DemoPorts.REGIONS.stream().map(this::contestedWorkload).toList();
        this.conflicts = new ConflictMeter(settings.ports().jdbcUrl(hub()));
        this.probe = new Probe(settings.ports(), DemoPorts.REGIONS.subList(1, DemoPorts.REGIONS.size()));
    }

    private WorkloadRunner contestedWorkload(String region) {
        return new WorkloadRunner(
                settings.ports().jdbcUrl(region),
                settings.seed(),
                WRITE_CONTESTED_EVERY,
                (url, seed) -> new ContestedWriter(url, new ContestedWorkload(seed, region)));
    }

    private Stream<WorkloadRunner> workloads() {
        return Stream.concat(Stream.of(workload), contestedWorkloads.stream());
    }

    /** Blocks until all regions run and hold the same rows, and a row written in the hub was seen in the others. */
    void start() throws SQLException {
        try {
            settings.folder().writeConfiguration(settings.ports());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + settings.folder().configuration(), e);
        }
        RegionCluster started = RegionCluster.start(plan());
        cluster = started;
        Monitor watching = new Monitor(
                ConfigurationFile.read(settings.folder().configuration()).pipeline(), InstantSource.system());
        monitor = watching;
        watching.start();
        awaitReady(watching);
        keeper = new Keeper(processes(started), () -> ending, System::nanoTime);
        probe.start();
        conflicts.start();
        if (settings.hasWorkload()) {
            workloads().forEach(WorkloadRunner::start);
        }
    }

    private static String hub() {
        return DemoPorts.REGIONS.getFirst();
    }

    private RegionCluster.Plan plan() {
        List<RegionPlan> regions = DemoPorts.REGIONS.stream()
                .map(region -> new RegionPlan(
                        region,
                        settings.ports().postgres(region),
                        settings.ports().kafka(region)))
                .toList();
        Map<String, AtomicInteger> left = new HashMap<>();
        DemoPorts.REGIONS.forEach(region -> left.put(region, new AtomicInteger(SERVERS_OF_REGION)));
        return new RegionCluster.Plan(regions, settings.folder().path(), this::tell, (region, server) -> {
            if (server instanceof PostgresServer postgres) {
                prepare(region, postgres);
            }
            AtomicInteger counter = left.get(region);
            if (counter != null && counter.decrementAndGet() == 0) {
                nodes.node(region).start();
            }
        });
    }

    private void prepare(String region, PostgresServer server) {
        try {
            ShopDatabase.prepare(server);
            String url = settings.ports().jdbcUrl(region);
            ShopDatabase.makeContestedTables(url, region.equals(hub()));
            if (region.equals(hub())) {
                ShopDatabase.makeHubTables(url);
                tell("database " + ShopDatabase.NAME + " in hub has its tables");
            }
        } catch (SQLException e) {
            throw failed("database " + ShopDatabase.NAME + " in " + region, "cannot be made: " + e.getMessage());
        }
    }

    private void awaitReady(Monitor watching) throws SQLException {
        long deadline = System.nanoTime() + READY_MAX.toNanos();
        Map<String, String> told = new HashMap<>();
        List<String> differences = List.of();
        try (TableComparison comparison = new TableComparison(settings.ports())) {
            while (System.nanoTime() - deadline < 0) {
                requireNodes();
                tellStates(watching, told);
                TableComparison.Result result = comparison.compare();
                // What a region writes before its capture runs would be part of its first copy, and no change to be
                // merged.
                if (watching.troubles().isEmpty() && result.isSame() && isProbeSeen(result.rows())) {
                    return;
                }
                differences = result.differences();
                LockSupport.parkNanos(READY_POLL_NANOS);
            }
        }
        List<String> why = new ArrayList<>(differences);
        why.addAll(watching.troubles());
        throw failed("demo", "not ready after " + READY_MAX.toSeconds() + " s: " + String.join("; ", why));
    }

    private boolean isProbeSeen(long rows) {
        Map<String, Double> seen = probe.measure();
        if (seen.size() < DemoPorts.REGIONS.size() - 1) {
            return false;
        }
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "READY after %.1f s: all %,d rows are the same in hub, eu and us; a row written in hub was seen",
                uptime().toMillis() / 1000.0,
                rows));
        seen.forEach(
                (region, millis) -> text.append(String.format(Locale.ROOT, " in %s after %.0f ms", region, millis)));
        settings.progress().accept(text.toString());
        return true;
    }

    private void requireNodes() {
        for (SandboxProcess node : nodes.byRegion().values()) {
            if (!node.isAlive()) {
                throw failed(node.name(), "has ended before the demo was ready: " + end(node));
            }
        }
    }

    private static String end(SandboxProcess node) {
        try (Stream<String> lines = Files.lines(node.logFile())) {
            List<String> all = lines.toList();
            return String.join("\n", all.subList(Math.max(0, all.size() - 10), all.size()));
        } catch (IOException e) {
            return "its log " + node.logFile() + " cannot be read: " + e.getMessage();
        }
    }

    private void tellStates(Monitor watching, Map<String, String> told) {
        for (String region : DemoPorts.REGIONS) {
            String state = watching.state(region);
            if (!state.equals(told.put(region, state))) {
                tell("node " + region + " is " + state);
            }
        }
    }

    /** All that there is to show now; to be called at a steady pace, from one thread, once it has started. */
    Snapshot snapshot() {
        @Nullable Monitor watching = monitor;
        @Nullable Keeper keeping = keeper;
        if (watching == null || keeping == null) {
            throw new IllegalStateException("the demo has not started");
        }
        keeping.check();
        String trouble = Stream.concat(Stream.of(keeping.trouble()), workloads().map(WorkloadRunner::trouble))
                .filter(each -> !each.isEmpty())
                .findFirst()
                .orElse("");
        long contestedTransactions = contestedWorkloads.stream()
                .mapToLong(WorkloadRunner::transactions)
                .sum();
        return new Snapshot(
                InstantSource.system().instant(),
                uptime(),
                settings.seed(),
                settings.hasWorkload(),
                transactionRate.perSecond(workload.transactions()),
                rowRate.perSecond(workload.rows()),
                new Snapshot.ContestedTables(contestedRate.perSecond(contestedTransactions), conflicts.perSecond()),
                trouble,
                watching.hub(),
                watching.spokes(probe::medianMillis));
    }

    private Duration uptime() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private List<SandboxProcess> processes(RegionCluster started) {
        List<SandboxProcess> all = new ArrayList<>();
        started.regions().forEach(region -> all.addAll(List.of(region.postgres(), region.kafka())));
        all.addAll(nodes.byRegion().values());
        return all;
    }

    /** Whether {@link #end()} was called: what fails from then on fails because of it. */
    boolean isEnding() {
        return ending;
    }

    /** Ends everything: at once if nothing is to be kept, else in order. Blocks. Does nothing the second time. */
    synchronized void end() {
        if (ending) {
            return;
        }
        ending = true;
        workloads().forEach(WorkloadRunner::close);
        if (settings.folder().isTemporary()) {
            killAll();
        } else {
            stopAll();
        }
        try {
            settings.folder().close();
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("the demo's folder could not be closed");
        }
    }

    private void killAll() {
        if (nodes.isRecording() && monitor != null) {
            settings.progress().accept("Recording the nodes' classes, once, so that later starts are faster ...");
            nodes.stop();
        }
        nodes.kill();
        @Nullable RegionCluster started = cluster;
        if (started != null) {
            started.regions().forEach(region -> {
                region.postgres().kill();
                region.kafka().kill();
            });
        }
    }

    private void stopAll() {
        probe.close();
        conflicts.close();
        @Nullable Monitor watching = monitor;
        if (watching != null) {
            watching.close();
        }
        nodes.stop();
        @Nullable RegionCluster started = cluster;
        if (started != null) {
            started.close();
        }
    }

    private void tell(String line) {
        if (!ending) {
            settings.progress().accept(String.format(Locale.ROOT, "[%5.1f s] %s", uptime().toMillis() / 1000.0, line));
        }
    }

    private static CommandException failed(String where, String what) {
        return new CommandException(
                ExitCode.FAILED,
                List.of(new Finding(
                        Finding.Severity.ERROR, where, what, "try it again with --dir DIR, which keeps the logs")));
    }
}
