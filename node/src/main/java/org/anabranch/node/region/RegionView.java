package org.anabranch.node.region;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * @param ageMillis how long ago the status was written
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
     * @param replicatedUntilMicros commit time of the newest epoch wholly applied; 0 before the first
     * @param lagMillis the clock minus replicated-until; -1 before the first
     */
    public record PathView(
            String origin,
            long replicatedUntilMicros,
            long lagMillis,
            double rowsPerSecond,
            long rowsTotal,
            Verdict verdict) {}

    static PathView path(Pipeline pipeline, PathStatus path, Instant now) {
        if (path.replicatedUntilMicros() == 0) {
            return new PathView(path.origin(), 0, -1, path.rowsPerSecond(), path.rowsTotal(), Verdict.COPYING);
        }
        Instant until = Instant.EPOCH.plus(path.replicatedUntilMicros(), ChronoUnit.MICROS);
        long lagMillis = Math.max(0, Duration.between(until, now).toMillis());
        Verdict verdict = lagMillis > pipeline.rpo().toMillis() ? Verdict.BREACH : Verdict.OK;
        return new PathView(
                path.origin(),
                path.replicatedUntilMicros(),
                lagMillis,
                path.rowsPerSecond(),
                path.rowsTotal(),
                verdict);
    }

    /** @param silence why there is no status; looked at only where there is none */
    public static RegionView of(
            Pipeline pipeline, Region region, Optional<RegionStatus> status, String silence, InstantSource clock) {
        Instant now = clock.instant();
        if (status.isEmpty()) {
            return new RegionView(region.name(), status, silence, List.of(), -1);
        }
        RegionStatus said = status.get();
        long ageMillis = Duration.between(Instant.EPOCH.plus(said.writtenAtMicros(), ChronoUnit.MICROS), now)
                .toMillis();
        List<PathView> paths =
                said.paths().stream().map(path -> path(pipeline, path, now)).toList();
        return new RegionView(region.name(), status, "", paths, ageMillis);
    }

    /** Whether the node has not been heard of for too long. */
    public boolean isSilent() {
        return status.isEmpty() || ageMillis > SILENT_AFTER.toMillis();
    }

    public boolean isOverRpo() {
        return paths.stream().anyMatch(path -> path.verdict() == Verdict.BREACH);
    }

    /** For JSON. */
    public Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("region", region);
        document.put("silent", isSilent());
        if (!silence.isEmpty()) {
            document.put("unreachable", silence);
        }
        status.ifPresent(said -> {
            document.put("statusAgeSeconds", ageMillis / 1000.0);
            document.put("paths", paths.stream().map(RegionView::document).toList());
            document.put("parts", said.parts());
            document.put("copies", said.copies());
            document.put("quarantine", said.quarantine());
            document.put("orphans", said.orphans());
        });
        return document;
    }

    private static Map<String, Object> document(PathView path) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("origin", path.origin());
        if (path.replicatedUntilMicros() > 0) {
            document.put(
                    "replicatedUntil",
                    Instant.EPOCH
                            .plus(path.replicatedUntilMicros(), ChronoUnit.MICROS)
                            .toString());
            document.put("lagSeconds", path.lagMillis() / 1000.0);
        }
        document.put("verdict", path.verdict().name());
        document.put("rowsPerSecond", path.rowsPerSecond());
        document.put("rowsTotal", path.rowsTotal());
        return document;
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
}
