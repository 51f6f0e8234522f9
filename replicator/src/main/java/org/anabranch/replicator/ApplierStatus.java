package org.anabranch.replicator;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.anabranch.schemas.RegionStatus.PathStatus;

/** What was applied, and durably so, for whoever asks. Thread-safe. */
final class ApplierStatus {

    private static final long RATE_MILLIS = 5_000;

    /** One sample for each commit, thinned to this distance. */
    private static final long SAMPLE_MILLIS = 100;

    private record Sample(long atMillis, long rowsTotal) {}

    private static final class Path {
        private long replicatedUntilMicros;
        private long rowsTotal;
        private final Deque<Sample> samples = new ArrayDeque<>();
    }

    private final InstantSource clock;
    private final Map<String, Path> paths = new TreeMap<>();

    ApplierStatus(InstantSource clock, List<String> origins) {
        this.clock = clock;
        origins.forEach(origin -> paths.put(origin, new Path()));
    }

    /** After a commit. */
    synchronized void committed(Progress progress, Map<String, Long> rows) {
        for (Progress.OfOrigin origin : progress.origins()) {
            Path path = paths.computeIfAbsent(origin.origin(), o -> new Path());
            path.replicatedUntilMicros = origin.replicatedUntilMicros();
            path.rowsTotal += rows.getOrDefault(origin.origin(), 0L);
            Sample last = path.samples.peekLast();
            if (last == null || clock.millis() - last.atMillis() >= SAMPLE_MILLIS) {
                path.samples.add(new Sample(clock.millis(), path.rowsTotal));
            }
        }
    }

    synchronized List<PathStatus> paths() {
        return paths.entrySet().stream()
                .map(path -> new PathStatus(
                        path.getKey(),
                        path.getValue().replicatedUntilMicros,
                        rowsPerSecond(path.getValue()),
                        path.getValue().rowsTotal))
                .toList();
    }

    private double rowsPerSecond(Path path) {
        long now = clock.millis();
        while (!path.samples.isEmpty() && path.samples.element().atMillis() < now - RATE_MILLIS) {
            path.samples.remove();
        }
        if (path.samples.isEmpty()) {
            return 0;
        }
        Sample first = path.samples.element();
        long millis = Math.max(1_000, now - first.atMillis());
        return 1_000.0 * (path.rowsTotal - first.rowsTotal()) / millis;
    }
}
