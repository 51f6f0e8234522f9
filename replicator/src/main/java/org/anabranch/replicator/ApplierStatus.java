package org.anabranch.replicator;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.anabranch.schemas.RegionStatus.ConflictStatus;
import org.anabranch.schemas.RegionStatus.EpochStatus;
import org.anabranch.schemas.RegionStatus.PathStatus;
import org.anabranch.schemas.RegionStatus.TableStatus;

/** What was applied, and durably so, for whoever asks. Thread-safe. */
final class ApplierStatus {

    private static final class Path {
        private long resolvedUntilMicros;
        private long replicatedUntilMicros;
        private long rowsTotal;
    }

    private final Map<String, Path> paths = new TreeMap<>();
    private final Map<String, Tally.OfTable> tables = new TreeMap<>();
    private final Map<Tally.ConflictKind, Long> conflicts = new HashMap<>();
    private long epochs;
    private long rows;
    private long nanos;

    ApplierStatus(List<String> origins) {
        origins.forEach(origin -> paths.put(origin, new Path()));
    }

    /** What has come through the resolver, by origin. */
    synchronized void read(Map<String, Long> untilMicros) {
        untilMicros.forEach((origin, micros) -> path(origin).resolvedUntilMicros = micros);
    }

    /**
     * After a commit.
     *
     * @param sinceFirstRowNanos how long the transaction took, from its first row on
     */
    synchronized void committed(Progress progress, Tally tally, long sinceFirstRowNanos) {
        long committed = tally.rowsOfOrigins().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        if (committed > 0) {
            epochs++;
            rows += committed;
            nanos += sinceFirstRowNanos;
        }
        for (Progress.OfOrigin origin : progress.origins()) {
            Path path = path(origin.origin());
            path.replicatedUntilMicros = origin.replicatedUntilMicros();
            path.rowsTotal += tally.rowsOfOrigins().getOrDefault(origin.origin(), 0L);
        }
        tally.tables().forEach((name, of) -> {
            Tally.OfTable table = tables.computeIfAbsent(name.toString(), n -> new Tally.OfTable());
            table.origins.addAll(of.origins);
            table.taken += of.taken;
            table.deferred += of.deferred;
            table.quarantined += of.quarantined;
        });
        tally.conflicts().forEach((kind, number) -> conflicts.merge(kind, number, Long::sum));
    }

    private Path path(String origin) {
        return paths.computeIfAbsent(origin, o -> new Path());
    }

    /** Without rates, and without what links know. */
    synchronized List<PathStatus> paths() {
        return paths.entrySet().stream()
                .map(entry -> {
                    Path path = entry.getValue();
                    return new PathStatus(
                            entry.getKey(), 0, path.resolvedUntilMicros, path.replicatedUntilMicros, 0, path.rowsTotal);
                })
                .toList();
    }

    synchronized EpochStatus epochs() {
        return new EpochStatus(epochs, rows, nanos / 1e9);
    }

    /** Without rates. */
    synchronized List<TableStatus> tables() {
        return tables.entrySet().stream()
                .map(entry -> {
                    Tally.OfTable table = entry.getValue();
                    return new TableStatus(
                            entry.getKey(),
                            List.copyOf(table.origins),
                            0,
                            table.taken - table.quarantined,
                            table.deferred,
                            table.quarantined);
                })
                .toList();
    }

    /** Without rates. */
    synchronized List<ConflictStatus> conflicts() {
        return conflicts.entrySet().stream()
                .map(entry -> new ConflictStatus(
                        entry.getKey().table().toString(), entry.getKey().policy(), 0, entry.getValue()))
                .toList();
    }
}
