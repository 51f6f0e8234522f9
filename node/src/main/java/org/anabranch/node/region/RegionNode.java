package org.anabranch.node.region;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.anabranch.capture.Capture;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.replicator.Applier;
import org.anabranch.replicator.Link;
import org.anabranch.replicator.RegionTopics;
import org.anabranch.replicator.Resolver;
import org.anabranch.schemas.Part;
import org.anabranch.schemas.RegionStatus;
import org.jspecify.annotations.Nullable;

/**
 * Serves one region: capture where it writes; links, resolver and applier where others write. Starts also while servers are away:
 * every part waits for what it needs and says so. Where it does both, capture waits until the applier has made the tables.
 */
public final class RegionNode implements AutoCloseable {

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
        RegionSettings settings = new RegionSettings(pipeline, region);
        RegionTopics topics = settings.topics();
        for (Part part : parts(settings, directory)) {
            parts.add(new SupervisedPart(region.name(), new AfterTopics(part, topics), clock));
        }
        publisher = new StatusPublisher(region.name(), KafkaProperties.of(region), this::status);
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
        settings.peers().forEach(peer -> needed.add(new Link(settings.link(peer), clock)));
        return needed;
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
                applier == null ? List.of() : applier.quarantine(),
                applier == null ? List.of() : applier.orphans());
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
