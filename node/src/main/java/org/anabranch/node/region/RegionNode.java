package org.anabranch.node.region;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.anabranch.capture.Capture;
import org.anabranch.capture.SlotMonitor;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.replicator.Applier;
import org.anabranch.replicator.Link;
import org.anabranch.replicator.RegionTopics;
import org.anabranch.replicator.Resolver;
import org.anabranch.schemas.Part;
import org.anabranch.schemas.RegionStatus;
import org.anabranch.schemas.RegionStatus.CapturedStatus;
import org.anabranch.schemas.RegionStatus.ConflictStatus;
import org.anabranch.schemas.RegionStatus.PathStatus;
import org.anabranch.schemas.RegionStatus.TableStatus;
import org.jspecify.annotations.Nullable;

/**
 * Serves one region: capture where it writes; links, resolver and applier where others write. Starts also while servers are away:
 * every part waits for what it needs and says so. Where it does both, capture waits until the applier has made the tables.
 */
public final class RegionNode implements AutoCloseable {

    private final Pipeline pipeline;
    private final Region region;
    private final String version;
    private final InstantSource clock = InstantSource.system();
    private final Rates rates = new Rates(System::nanoTime);
    private final List<SupervisedPart> parts = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();
    private final StatusPublisher publisher;
    private final StatusBoard board;
    private final ServerMonitor monitor;
    private @Nullable Capture capture;
    private @Nullable Applier applier;

    /**
     * @param pipeline the whole configuration
     * @param region the region to serve
     * @param directory where it may keep files; they can be lost
     * @param version of the program, for people
     */
    public RegionNode(Pipeline pipeline, Region region, Path directory, String version) {
        this.pipeline = pipeline;
        this.region = region;
        this.version = version;
        RegionSettings settings = new RegionSettings(pipeline, region);
        RegionTopics topics = settings.topics();
        for (Part part : parts(settings, directory)) {
            supervise(new AfterTopics(part, topics));
        }
        Map<String, Object> kafka = KafkaProperties.of(region);
        publisher = new StatusPublisher(region.name(), kafka, this::status);
        board = new StatusBoard(region.name(), settings.others(), kafka, clock);
        monitor = new ServerMonitor(
                region.name(),
                settings.writes() ? new SlotMonitor(settings.capture()) : null,
                new BrokerDisks(region.name(), kafka));
    }

    private List<Part> parts(RegionSettings settings, Path directory) {
        List<Part> needed = new ArrayList<>();
        if (settings.writes()) {
            capture = new Capture(settings.capture());
            needed.add(capture);
        }
        if (settings.receives()) {
            applier = new Applier(settings.applier(), clock);
            needed.add(new Resolver(settings.resolver(directory)));
            needed.add(applier);
        }
        settings.peers().forEach(peer -> links.add(new Link(settings.link(peer), clock)));
        needed.addAll(links);
        return needed;
    }

    /** Keeps one more part running. Only before {@link #start}. */
    public void supervise(Part part) {
        parts.add(new SupervisedPart(region.name(), part, clock));
    }

    /** Starts all parts. Does not block. */
    public void start() {
        parts.forEach(SupervisedPart::start);
        monitor.start();
        board.start();
        publisher.start();
    }

    /** How the region is now, seen from here. Does not block. */
    public RegionStatus status() {
        Region.Http http = region.http();
        return new RegionStatus(
                region.name(),
                version,
                TimeUnit.MILLISECONDS.toMicros(clock.millis()),
                http == null ? "" : http.url(),
                parts.stream().map(SupervisedPart::status).toList(),
                applier == null ? List.of() : paths(applier),
                applier == null ? List.of() : tables(applier),
                applier == null ? null : applier.epochs(),
                capture == null ? null : captured(capture),
                monitor.slot(),
                capture == null ? List.of() : capture.copies(),
                applier == null ? List.of() : applier.quarantine(),
                applier == null ? List.of() : applier.orphans(),
                applier == null ? List.of() : conflicts(applier),
                monitor.disks(),
                board.aheadMicros());
    }

    private List<PathStatus> paths(Applier of) {
        Map<String, Long> linked = new HashMap<>();
        links.forEach(link -> linked.putAll(link.untilMicros()));
        return of.paths().stream()
                .map(path -> new PathStatus(
                        path.origin(),
                        linked.getOrDefault(path.origin(), 0L),
                        path.resolvedUntilMicros(),
                        path.replicatedUntilMicros(),
                        rates.of("path " + path.origin(), path.rowsTotal()),
                        path.rowsTotal()))
                .toList();
    }

    private List<TableStatus> tables(Applier of) {
        return of.tables().stream()
                .map(table -> new TableStatus(
                        table.table(),
                        table.origins(),
                        rates.of("table " + table.table(), table.applied()),
                        table.applied(),
                        table.deferred(),
                        table.quarantined()))
                .toList();
    }

    private List<ConflictStatus> conflicts(Applier of) {
        return of.conflicts().stream()
                .map(kind -> new ConflictStatus(
                        kind.table(),
                        kind.policy(),
                        rates.of("conflicts " + kind.table() + " " + kind.policy(), kind.total()),
                        kind.total()))
                .toList();
    }

    private CapturedStatus captured(Capture of) {
        CapturedStatus now = of.captured();
        return new CapturedStatus(now.untilMicros(), rates.of("captured", now.rowsTotal()), now.rowsTotal());
    }

    /** How all regions are, as far as is known here. Does not block. */
    public PipelineView view() {
        Map<String, RegionStatus> statuses = new HashMap<>(board.statuses());
        statuses.put(region.name(), status());
        return PipelineView.of(pipeline, region.name(), statuses, Map.of(), clock);
    }

    /** What only a restart of this process would heal; nothing while it is well, whatever it waits for. */
    public List<String> deadlyFaults() {
        List<String> faults = new ArrayList<>();
        for (SupervisedPart part : parts) {
            if (part.isDead()) {
                faults.add("the thread of the part '" + part.status().name() + "' has ended");
            }
        }
        if (!publisher.isAlive()) {
            faults.add("no status has been made for a long time");
        }
        long[] deadlocked = ManagementFactory.getThreadMXBean().findDeadlockedThreads();
        if (deadlocked != null) {
            faults.add(deadlocked.length + " threads wait for each other for ever");
        }
        return faults;
    }

    /** Asks all parts to end. Does not block. */
    public void stop() {
        parts.forEach(SupervisedPart::stop);
    }

    /** Ends all parts, and waits for them for a bounded time. What is in flight goes on at the next start. */
    @Override
    public void close() {
        stop();
        parts.forEach(SupervisedPart::close);
        publisher.close();
        board.close();
        monitor.close();
    }
}
