package org.anabranch.node.region;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.anabranch.capture.Capture;
import org.anabranch.capture.CaptureSettings;
import org.anabranch.capture.TablePattern;
import org.anabranch.node.config.Existing;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.config.TableRule;
import org.anabranch.replicator.Applier;
import org.anabranch.replicator.ApplierSettings;
import org.anabranch.replicator.Link;
import org.anabranch.replicator.LinkSettings;
import org.anabranch.replicator.RegionTopics;
import org.anabranch.replicator.Resolver;
import org.anabranch.replicator.ResolverSettings;
import org.anabranch.replicator.TableRules;
import org.anabranch.schemas.Part;
import org.anabranch.schemas.RegionStatus;
import org.anabranch.schemas.TableName;
import org.jspecify.annotations.Nullable;

/**
 * Serves one region: in the hub, capture; in a spoke, the link from the hub, the resolver and the applier. Starts also while
 * servers are away: every part waits for what it needs and says so.
 */
public final class RegionNode implements AutoCloseable {

    /** An idle hub's replicated-until is never older than this, and what the parts need. */
    private static final Duration HEARTBEAT = Duration.ofMillis(500);

    private final String region;
    private final InstantSource clock = InstantSource.system();
    private final List<SupervisedPart> parts = new ArrayList<>();
    private final StatusPublisher publisher;
    private @Nullable Capture capture;
    private @Nullable Applier applier;

    /**
     * @param pipeline the whole configuration
     * @param region the region to serve
     * @param directory where it may keep files; they can be lost
     */
    public RegionNode(Pipeline pipeline, Region region, Path directory) {
        this.region = region.name();
        boolean isHub = region.name().equals(pipeline.hub());
        Region hub = pipeline.region(String.valueOf(pipeline.hub()));
        Map<String, Object> kafka = KafkaProperties.of(region);
        List<Part> needed = isHub ? hubParts(pipeline, region) : spokeParts(pipeline, region, hub, directory);
        RegionTopics topics = new RegionTopics(
                region.name(),
                isHub,
                isHub ? List.of() : List.of(hub.name()),
                isHub ? pipeline.spokes().stream().map(Region::name).toList() : List.of(hub.name()),
                pipeline.partitions(),
                kafka);
        for (Part part : needed) {
            parts.add(new SupervisedPart(region.name(), new AfterTopics(part, topics), clock));
        }
        publisher = new StatusPublisher(region.name(), kafka, this::status);
    }

    private List<Part> hubParts(Pipeline pipeline, Region region) {
        capture = new Capture(captureSettings(pipeline, region));
        List<Part> needed = new ArrayList<>(List.of(capture));
        for (Region spoke : pipeline.spokes()) {
            needed.add(link(pipeline, region, spoke, List.of()));
        }
        return needed;
    }

    /** What capture in the hub is told; {@code check} looks at the same. */
    public static CaptureSettings captureSettings(Pipeline pipeline, Region hub) {
        return new CaptureSettings(
                pipeline.name(),
                hub.name(),
                new org.anabranch.capture.DatabaseSettings(
                        hub.postgres().url(),
                        hub.postgres().user(),
                        hub.postgres().password().value()),
                KafkaProperties.of(hub),
                pipeline.partitions(),
                pipeline.tables().stream().map(RegionNode::pattern).toList(),
                HEARTBEAT);
    }

    private static TablePattern pattern(TableRule rule) {
        return new TablePattern(
                rule.pattern().toString(), table -> rule.pattern().matches(table.schema(), table.table()));
    }

    private List<Part> spokeParts(Pipeline pipeline, Region region, Region hub, Path directory) {
        List<String> origins = List.of(hub.name());
        applier = new Applier(
                new ApplierSettings(
                        pipeline.name(),
                        region.name(),
                        origins,
                        new org.anabranch.replicator.DatabaseSettings(
                                region.postgres().url(),
                                region.postgres().user(),
                                region.postgres().password().value()),
                        KafkaProperties.of(region),
                        pipeline.partitions(),
                        table -> rule(pipeline, table)),
                clock);
        return List.of(
                link(pipeline, region, hub, origins),
                new Resolver(new ResolverSettings(
                        pipeline.name(), region.name(), origins, KafkaProperties.of(region), directory.resolve("resolver"))),
                applier);
    }

    private static Link link(Pipeline pipeline, Region region, Region peer, List<String> origins) {
        return new Link(new LinkSettings(
                pipeline.name(),
                region.name(),
                peer.name(),
                origins,
                KafkaProperties.of(peer),
                KafkaProperties.of(region),
                pipeline.partitions()));
    }

    private static TableRules.Rule rule(Pipeline pipeline, TableName table) {
        TableRule rule = pipeline.ruleFor(table.schema(), table.table()).orElse(null);
        return new TableRules.Rule(
                rule == null ? pipeline.createTables() : rule.createTables(),
                pipeline.foreignKeys(),
                rule == null ? TableRules.Existing.REFUSE : existing(rule.existing()));
    }

    private static TableRules.Existing existing(Existing existing) {
        return switch (existing) {
            case REFUSE -> TableRules.Existing.REFUSE;
            case KEEP -> TableRules.Existing.KEEP;
            case REPLACE -> TableRules.Existing.REPLACE;
        };
    }

    /** Starts all parts. Does not block. */
    public void start() {
        parts.forEach(SupervisedPart::start);
        publisher.start();
    }

    /** How the region is now, seen from here. */
    public RegionStatus status() {
        return new RegionStatus(
                region,
                TimeUnit.MILLISECONDS.toMicros(clock.millis()),
                parts.stream().map(SupervisedPart::status).toList(),
                applier == null ? List.of() : applier.paths(),
                capture == null ? List.of() : capture.copies(),
                applier == null ? List.of() : applier.quarantine());
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
    }
}
