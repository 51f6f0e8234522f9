package org.anabranch.node.region;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.region.RegionView.PathView;
import org.anabranch.schemas.RegionStatus;
import org.anabranch.schemas.RegionStatus.QuarantineStatus;
import org.anabranch.schemas.RegionStatus.TableStatus;
import org.jspecify.annotations.Nullable;

/**
 * All regions as they are seen from one place at one moment; what {@code anabranch status}, a node's HTTP and its metrics show.
 *
 * @param servedBy the region whose node looks; null for a command
 * @param now when, by the clock there
 * @param regions one for each region of the configuration, in its order
 * @param offsets how far clocks are apart
 */
public record PipelineView(
        Pipeline pipeline,
        @Nullable String servedBy,
        Instant now,
        List<RegionView> regions,
        RegionView.Statuses offsets) {

    /**
     * What would be gone with a region.
     *
     * @param region the region
     * @param best the other region that has most of it
     * @param rpoMillis what that one lacks, at most
     * @param changes about how many, at the rate of the last seconds; -1 where that is not known
     */
    public record Loss(String region, String best, long rpoMillis, long changes) {}

    /**
     * @param servedBy the region whose node looks; null for somebody else
     * @param statuses what each region last said
     * @param silences by region why nothing is known of it
     */
    public static PipelineView of(
            Pipeline pipeline,
            @Nullable String servedBy,
            Map<String, RegionStatus> statuses,
            Map<String, String> silences,
            InstantSource clock) {
        RegionView.Statuses known = new RegionView.Statuses(statuses, servedBy == null ? "" : servedBy, clock);
        List<RegionView> views = pipeline.regions().keySet().stream()
                .map(region ->
                        known.view(pipeline, region, silences.getOrDefault(region, "nothing has been heard of it yet")))
                .toList();
        return new PipelineView(pipeline, servedBy, clock.instant(), views, known);
    }

    public boolean isOverRpo() {
        return regions.stream().anyMatch(RegionView::isOverRpo);
    }

    /** One for each region that writes and from which something is known to have come elsewhere. */
    public List<Loss> losses() {
        List<Loss> losses = new ArrayList<>();
        for (String origin : pipeline.writers()) {
            regions.stream()
                    .flatMap(view -> view.paths().stream()
                            .filter(path -> path.origin().equals(origin) && path.rpoMillis() >= 0)
                            .map(path -> new Loss(
                                    origin, view.region(), path.rpoMillis(), changes(origin, path.rpoMillis()))))
                    .min(Comparator.comparingLong(Loss::rpoMillis))
                    .ifPresent(losses::add);
        }
        return losses;
    }

    private long changes(String origin, long millis) {
        RegionStatus status = offsets.byRegion().get(origin);
        return status == null || status.captured() == null
                ? -1
                : (long) Math.ceil(status.captured().rowsPerSecond() * millis / 1_000);
    }

    /** A table of a region, as people look at it. */
    public record TableView(
            String table,
            String state,
            long rpoMillis,
            double rowsPerSecond,
            long rowsTotal,
            @Nullable String lastError) {}

    /** The tables that a region has applied something to. */
    public List<TableView> tables(RegionView view) {
        return view.status().map(said -> tables(view, said)).orElse(List.of());
    }

    private List<TableView> tables(RegionView view, RegionStatus status) {
        return status.tables().stream()
                .map(table -> {
                    Optional<QuarantineStatus> quarantine = status.quarantine().stream()
                            .filter(held -> held.table().equals(table.table()))
                            .findFirst();
                    return new TableView(
                            table.table(),
                            isCopied(view, table) ? "COPYING" : quarantine.isPresent() ? "QUARANTINE" : "OK",
                            rpoMillis(view, table),
                            table.rowsPerSecond(),
                            table.applied(),
                            quarantine.map(QuarantineStatus::lastError).orElse(null));
                })
                .toList();
    }

    private boolean isCopied(RegionView view, TableStatus table) {
        return regions.stream()
                .filter(other -> !other.region().equals(view.region()))
                .flatMap(other -> other.status().stream())
                .flatMap(said -> said.copies().stream())
                .anyMatch(copy -> copy.table().equals(table.table()) && !copy.done());
    }

    /** The worst of the paths on which it comes. */
    private static long rpoMillis(RegionView view, TableStatus table) {
        return view.paths().stream()
                .filter(path -> table.origins().contains(path.origin()))
                .mapToLong(PathView::rpoMillis)
                .max()
                .orElse(-1);
    }

    /** How far the others' clocks are ahead of this one, at most, in seconds. */
    public Map<String, Double> clockOffsets(String region) {
        Map<String, Double> ahead = new TreeMap<>();
        offsets.byRegion().values().forEach(other -> {
            Long micros = other.aheadMicros().get(region);
            if (micros != null && !other.region().equals(region)) {
                ahead.put(other.region(), micros / 1_000_000.0);
            }
        });
        return ahead;
    }
}
