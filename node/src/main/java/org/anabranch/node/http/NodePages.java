package org.anabranch.node.http;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.region.ConflictDocument;
import org.anabranch.node.region.PipelineView;
import org.anabranch.node.region.RegionNode;
import org.anabranch.node.region.RegionSettings;
import org.anabranch.node.region.StatusDocument;
import org.anabranch.replicator.ConflictReader;
import org.anabranch.replicator.DatabaseSettings;
import org.anabranch.replicator.QuarantineStore;

/** What there is to be seen of a node. Any thread may ask. */
public final class NodePages {

    /** However many look, the database is asked no more often. */
    private static final Duration DATABASE_INTERVAL = Duration.ofSeconds(2);

    private static final int ROWS_MAX = 200;

    private final RegionNode node;
    private final Region region;
    private final Pipeline pipeline;
    private final LagHistory history;
    private final NodeMetrics metrics;
    private final Remembered<List<Map<String, Object>>> conflicts;
    private final Remembered<List<Map<String, Object>>> quarantine;

    public NodePages(RegionNode node, Pipeline pipeline, Region region) {
        this.node = node;
        this.region = region;
        this.pipeline = pipeline;
        history = new LagHistory();
        metrics = new NodeMetrics(pipeline, region.name(), node.status().version());
        DatabaseSettings database =
                new RegionSettings(pipeline, region).applier().database();
        conflicts = new Remembered<>(() -> conflicts(database), DATABASE_INTERVAL, System::nanoTime);
        quarantine = new Remembered<>(() -> quarantine(database), DATABASE_INTERVAL, System::nanoTime);
    }

    private static List<Map<String, Object>> quarantine(DatabaseSettings database) throws IOException {
        return QuarantineStore.list(database, table -> true, Instant.EPOCH, ROWS_MAX).orElse(List.of()).stream()
                .map(NodePages::document)
                .toList();
    }

    private static Map<String, Object> document(QuarantineStore.Entry entry) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("id", entry.id());
        document.put("table", entry.table().toString());
        document.put("key", entry.key());
        document.put("operation", entry.operation());
        document.put("origin", entry.origin());
        document.put("at", entry.at().toString());
        document.put("error", entry.error());
        return document;
    }

    private List<Map<String, Object>> conflicts(DatabaseSettings database) throws IOException {
        return ConflictReader.read(database, table -> true, Instant.EPOCH, ROWS_MAX).orElse(List.of()).stream()
                .map(conflict -> ConflictDocument.of(conflict, List.of(region.name())))
                .toList();
    }

    /** To be called every second: the history is made of it. Gives the status of all regions. */
    Map<String, Object> tick() {
        PipelineView view = node.view();
        history.add(view);
        return StatusDocument.of(view);
    }

    Map<String, Object> status() {
        return StatusDocument.of(node.view());
    }

    /** Of all paths, for the last minutes. */
    Map<String, Object> history() {
        return history.document(pipeline.name());
    }

    /**
     * The newest of this region's journal.
     *
     * @throws IOException if the database cannot be asked
     */
    Map<String, Object> conflicts(int max) throws IOException {
        List<Map<String, Object>> newest = conflicts.value();
        return Map.of("conflicts", newest.subList(0, Math.min(max, newest.size())));
    }

    /**
     * The oldest of this region's quarantine.
     *
     * @throws IOException if the database cannot be asked
     */
    Map<String, Object> quarantine(int max) throws IOException {
        List<Map<String, Object>> oldest = quarantine.value();
        return Map.of("quarantine", oldest.subList(0, Math.min(max, oldest.size())));
    }

    /** In Prometheus' text format. */
    String metrics() {
        return metrics.scrape(node.view());
    }

    Health.Answer live() {
        return Health.live(node.deadlyFaults());
    }

    /** @param maxLag how old the data may be; negative for any age */
    Health.Answer ready(Duration maxLag) {
        return Health.ready(node.view(), region.name(), maxLag);
    }
}
