package org.anabranch.node.http;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Map;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.region.PipelineView;
import org.anabranch.node.region.RegionView;
import org.anabranch.node.region.RegionView.PathView;
import org.anabranch.schemas.PartState;
import org.anabranch.schemas.RegionStatus;
import org.anabranch.schemas.RegionStatus.EpochStatus;
import org.anabranch.schemas.RegionStatus.SlotStatus;

/**
 * What the status says, as metrics, at every scrape; docs/metrics.md lists them. Every label has few values: regions, tables,
 * parts, policies.
 */
final class NodeMetrics {

    private static final double NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();
    private static final double MICROS_PER_SECOND = 1_000_000;
    private static final double MILLIS_PER_SECOND = 1_000;

    private final PrometheusRegistry prometheus = new PrometheusRegistry();
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, prometheus, Clock.SYSTEM);
    private final Meters meters = new Meters(registry);
    private final KafkaClientMeters kafka = new KafkaClientMeters();
    private final String region;
    private final double targetSeconds;

    NodeMetrics(Pipeline pipeline, String region, String version) {
        this.region = region;
        targetSeconds = pipeline.rpo().toMillis() / MILLIS_PER_SECOND;
        registry.config().commonTags("pipeline", pipeline.name());
        // A gauge of Micrometer's cannot be named so: the suffix is kept for metrics of this kind.
        Info.builder()
                .name("anabranch_build_info")
                .help("The program that runs here.")
                .labelNames("pipeline", "region", "version")
                .register(prometheus)
                .setLabelValues(pipeline.name(), region, version);
        new ClassLoaderMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmGcMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
    }

    /** One at a time: the values of a scrape belong together. */
    synchronized String scrape(PipelineView view) {
        meters.begin();
        meters.gauge("anabranch_rpo_target_seconds", Tags.empty(), targetSeconds);
        view.regions().forEach(this::addPaths);
        view.regions().stream().filter(one -> one.region().equals(region)).forEach(own -> own.status()
                .ifPresent(status -> addOwn(view, own, status)));
        kafka.addTo(meters);
        meters.end();
        return registry.scrape();
    }

    /** Of every region: what a dead one lacks, the others say. */
    private void addPaths(RegionView view) {
        view.status()
                .ifPresent(status -> meters.gauge(
                        "anabranch_region_status_age_seconds",
                        Tags.of("region", view.region()),
                        view.ageMillis() / MILLIS_PER_SECOND));
        for (PathView path : view.paths()) {
            if (path.rpoMillis() >= 0) {
                Tags tags = Tags.of("origin", path.origin(), "region", view.region());
                meters.gauge("anabranch_rpo_seconds", tags, path.rpoMillis() / MILLIS_PER_SECOND);
                meters.gauge(
                        "anabranch_replicated_until_seconds", tags, path.replicatedUntilMicros() / MICROS_PER_SECOND);
            }
        }
    }

    private void addOwn(PipelineView all, RegionView own, RegionStatus status) {
        Tags of = Tags.of("region", region);
        for (PathView path : own.paths()) {
            path.stages()
                    .forEach((stage, lag) -> meters.gauge(
                            "anabranch_stage_lag_seconds",
                            of.and("origin", path.origin(), "stage", stage),
                            lag.toNanos() / NANOS_PER_SECOND));
        }
        status.parts().forEach(part -> {
            for (PartState state : PartState.values()) {
                Tags tags = of.and("part", part.name(), "state", state.name());
                meters.gauge("anabranch_part_state", tags, part.state() == state ? 1 : 0);
            }
        });
        addTables(of, status);
        if (status.captured() != null) {
            meters.counter("anabranch_captured_rows", of, status.captured().rowsTotal());
        }
        if (status.epochs() != null) {
            addEpochs(of, status.epochs());
        }
        if (status.slot() != null) {
            addSlot(of, status.slot());
        }
        status.disks().forEach(disk -> {
            Tags tags = of.and("disk", disk.disk());
            meters.gauge("anabranch_disk_usable_bytes", tags, disk.usableBytes());
            meters.gauge("anabranch_disk_total_bytes", tags, disk.totalBytes());
        });
        for (Map.Entry<String, Double> peer : all.clockOffsets(region).entrySet()) {
            meters.gauge("anabranch_clock_offset_seconds", of.and("peer", peer.getKey()), peer.getValue());
        }
    }

    private void addTables(Tags of, RegionStatus status) {
        status.tables().forEach(table -> {
            Tags tags = of.and("table", table.table());
            meters.counter("anabranch_rows", tags.and("result", "applied"), table.applied());
            meters.counter("anabranch_rows", tags.and("result", "deferred"), table.deferred());
            meters.counter("anabranch_rows", tags.and("result", "quarantined"), table.quarantined());
        });
        status.quarantine()
                .forEach(held ->
                        meters.gauge("anabranch_quarantined_rows", of.and("table", held.table()), held.changes()));
        status.orphans()
                .forEach(orphans -> meters.gauge(
                        "anabranch_orphaned_rows",
                        of.and("table", orphans.table(), "constraint", orphans.constraint()),
                        orphans.rows()));
        status.conflicts()
                .forEach(kind -> meters.counter(
                        "anabranch_conflicts", of.and("table", kind.table(), "policy", kind.policy()), kind.total()));
    }

    private void addEpochs(Tags of, EpochStatus epochs) {
        meters.counter("anabranch_epochs", of, epochs.total());
        meters.counter("anabranch_epoch_changes", of, epochs.rows());
        meters.counter("anabranch_epoch_duration_seconds", of, epochs.seconds());
    }

    private void addSlot(Tags of, SlotStatus slot) {
        boolean isLost = slot.walStatus().equals("lost") || slot.walStatus().equals("missing");
        meters.gauge("anabranch_slot_active", of, slot.active() ? 1 : 0);
        meters.gauge("anabranch_slot_lost", of, isLost ? 1 : 0);
        meters.gauge("anabranch_slot_retained_bytes", of, slot.retainedBytes());
        Long remaining = slot.remainingBytes();
        if (remaining != null) {
            meters.gauge("anabranch_slot_remaining_bytes", of, remaining);
        }
    }
}
