package org.anabranch.node.region;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.schemas.RegionStatus;
import org.anabranch.schemas.RegionStatus.PathStatus;

/**
 * A region as it is seen from outside: what it last said, and how old that is. A region that has fallen silent is over its
 * RPO by its silence alone.
 *
 * @param region its name
 * @param status what it last said; empty where nothing is known
 * @param silence why the status is empty, or empty
 * @param paths one for every origin whose changes come there
 * @param ageMillis how long ago the status was written, at most; -1 where there is none
 */
public record RegionView(
        String region, Optional<RegionStatus> status, String silence, List<PathView> paths, long ageMillis) {

    /** A status that is older was not written by a node that is well. */
    public static final Duration SILENT_AFTER = Duration.ofSeconds(5);

    /** How a path is against its target. */
    public enum Verdict {
        OK,
        /** Nothing is complete there yet: a first copy is under way, or it has not begun. */
        COPYING,
        BREACH
    }

    /**
     * @param origin where the changes come from
     * @param replicatedUntilMicros everything acknowledged there before this moment is here, by its node's clock; 0 before the first
     * @param rpoMillis how much would be gone with the origin now, at most: the origin's clock, as late as it can be now, minus
     *     replicated-until; -1 before the first
     * @param stages how much of it each stage adds, in order
     */
    public record PathView(
            String origin,
            long replicatedUntilMicros,
            long rpoMillis,
            double rowsPerSecond,
            long rowsTotal,
            Verdict verdict,
            Map<String, Duration> stages) {

        /** What a stage adds; 0 where that is not known. */
        public long stageMillis(String stage) {
            return stages.getOrDefault(stage, Duration.ZERO).toMillis();
        }

        /** The stage that adds most; empty where no stage is known. */
        public Optional<String> slowestStage() {
            return stages.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey);
        }
    }

    /**
     * By itself, without what other regions say.
     *
     * @param silence why there is no status; looked at only where there is none
     */
    public static RegionView of(
            Pipeline pipeline, Region region, Optional<RegionStatus> status, String silence, InstantSource clock) {
        Map<String, RegionStatus> known =
                status.map(said -> Map.of(said.region(), said)).orElse(Map.of());
        return new Statuses(known, "", clock).view(pipeline, region.name(), silence);
    }

    /** Whether the node has not been heard of for too long. */
    public boolean isSilent() {
        return status.isEmpty() || ageMillis > SILENT_AFTER.toMillis();
    }

    public boolean isOverRpo() {
        return paths.stream().anyMatch(path -> path.verdict() == Verdict.BREACH);
    }

    /** The parts that are not as they should be. */
    public List<RegionStatus.PartStatus> troubled() {
        List<RegionStatus.PartStatus> troubled = new ArrayList<>();
        status.ifPresent(said -> said.parts().stream()
                .filter(part -> switch (part.state()) {
                    case WAITING, FAILED, STOPPED -> true;
                    case STARTING, COPYING, RUNNING -> false;
                })
                .forEach(troubled::add));
        return troubled;
    }

    /**
     * What is known of all regions at one moment, and the arithmetic with their clocks.
     *
     * @param byRegion what each last said
     * @param viewer the region whose node looks; empty for somebody else, whose clock is taken to be right
     */
    record Statuses(Map<String, RegionStatus> byRegion, String viewer, InstantSource clock) {

        RegionView view(Pipeline pipeline, String region, String silence) {
            RegionStatus status = byRegion.get(region);
            if (status == null) {
                return new RegionView(region, Optional.empty(), silence, List.of(), -1);
            }
            long ageMicros = ageMicros(status);
            List<PathView> paths = status.paths().stream()
                    .map(path -> path(pipeline, status, path, status.writtenAtMicros() + ageMicros))
                    .toList();
            return new RegionView(region, Optional.of(status), "", paths, TimeUnit.MICROSECONDS.toMillis(ageMicros));
        }

        /** At most, by the clock of the one that wrote it. */
        private long ageMicros(RegionStatus status) {
            long now = TimeUnit.MILLISECONDS.toMicros(clock.millis());
            return Math.max(0, now + aheadMicros(status.region(), viewer) - status.writtenAtMicros());
        }

        /** How far one region's clock is ahead of another's, at most; 0 where that was never measured. */
        long aheadMicros(String region, String other) {
            RegionStatus status = byRegion.get(region);
            return status == null || region.equals(other)
                    ? 0
                    : status.aheadMicros().getOrDefault(other, 0L);
        }

        /** @param nowMicros of the region's clock, as late as it can be */
        private PathView path(Pipeline pipeline, RegionStatus status, PathStatus path, long nowMicros) {
            if (path.replicatedUntilMicros() == 0) {
                return new PathView(
                        path.origin(), 0, -1, path.rowsPerSecond(), path.rowsTotal(), Verdict.COPYING, Map.of());
            }
            long originNow = nowMicros + aheadMicros(path.origin(), status.region());
            long rpoMillis = Math.ceilDiv(Math.max(0, originNow - path.replicatedUntilMicros()), 1_000);
            return new PathView(
                    path.origin(),
                    path.replicatedUntilMicros(),
                    rpoMillis,
                    path.rowsPerSecond(),
                    path.rowsTotal(),
                    rpoMillis > pipeline.rpo().toMillis() ? Verdict.BREACH : Verdict.OK,
                    stages(path, originNow));
        }

        /** What is behind the last that came from the origin lies between the two, or in the origin, which cannot be told apart. */
        private Map<String, Duration> stages(PathStatus path, long originNow) {
            Map<String, Duration> stages = new LinkedHashMap<>();
            RegionStatus origin = byRegion.get(path.origin());
            long capture = 0;
            if (origin != null && origin.captured() != null && origin.captured().untilMicros() > 0) {
                capture =
                        Math.max(0, origin.writtenAtMicros() - origin.captured().untilMicros());
                stages.put("capture", micros(capture));
            }
            if (path.linkedUntilMicros() > 0) {
                stages.put("link", micros(originNow - path.linkedUntilMicros() - capture));
                if (path.resolvedUntilMicros() > 0) {
                    stages.put("resolve", micros(path.linkedUntilMicros() - path.resolvedUntilMicros()));
                }
            }
            if (path.resolvedUntilMicros() > 0) {
                stages.put("apply", micros(path.resolvedUntilMicros() - path.replicatedUntilMicros()));
            }
            return stages;
        }

        private static Duration micros(long micros) {
            return Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(Math.max(0, micros)));
        }
    }
}
