package org.anabranch.node.region;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.anabranch.capture.CaptureSettings;
import org.anabranch.capture.TablePattern;
import org.anabranch.node.config.Existing;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.config.TableRule;
import org.anabranch.replicator.ApplierSettings;
import org.anabranch.replicator.DatabaseSettings;
import org.anabranch.replicator.LinkSettings;
import org.anabranch.replicator.MergeRules;
import org.anabranch.replicator.RegionTopics;
import org.anabranch.replicator.ResolverSettings;
import org.anabranch.replicator.TableRules;
import org.anabranch.schemas.TableName;

/**
 * What the configuration means for the parts of one region; a node runs with it, and a check looks at the same.
 *
 * @param pipeline the whole configuration
 * @param region the region
 */
public record RegionSettings(Pipeline pipeline, Region region) {

    /** An idle hub's replicated-until is never older than this, and what the parts need. */
    private static final Duration HEARTBEAT = Duration.ofMillis(500);

    /** Whether the region writes. */
    public boolean isHub() {
        return region.name().equals(pipeline.hub());
    }

    /** The regions whose changes come here. */
    List<String> origins() {
        return isHub() ? List.of() : List.of(hub().name());
    }

    /** The regions that this one is linked to. */
    List<Region> peers() {
        return isHub() ? pipeline.spokes() : List.of(hub());
    }

    private Region hub() {
        return pipeline.region(String.valueOf(pipeline.hub()));
    }

    public CaptureSettings capture() {
        Region.Postgres postgres = region.postgres();
        return new CaptureSettings(
                pipeline.name(),
                region.name(),
                new org.anabranch.capture.DatabaseSettings(
                        postgres.url(), postgres.user(), postgres.password().value()),
                KafkaProperties.of(region),
                pipeline.partitions(),
                pipeline.tables().stream().map(RegionSettings::pattern).toList(),
                HEARTBEAT,
                table -> false);
    }

    private static TablePattern pattern(TableRule rule) {
        return new TablePattern(
                rule.pattern().toString(), table -> rule.pattern().matches(table.schema(), table.table()));
    }

    public ApplierSettings applier() {
        Region.Postgres postgres = region.postgres();
        return new ApplierSettings(
                pipeline.name(),
                region.name(),
                origins(),
                new DatabaseSettings(
                        postgres.url(), postgres.user(), postgres.password().value()),
                KafkaProperties.of(region),
                pipeline.partitions(),
                this::rule,
                MergeRules.NONE);
    }

    private TableRules.Rule rule(TableName table) {
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

    ResolverSettings resolver(Path directory) {
        return new ResolverSettings(
                pipeline.name(),
                region.name(),
                origins(),
                KafkaProperties.of(region),
                directory.resolve("resolver"),
                MergeRules.NONE);
    }

    LinkSettings link(Region peer) {
        return new LinkSettings(
                pipeline.name(),
                region.name(),
                peer.name(),
                origins(),
                KafkaProperties.of(peer),
                KafkaProperties.of(region),
                pipeline.partitions());
    }

    public RegionTopics topics() {
        return new RegionTopics(
                region.name(),
                isHub(),
                origins(),
                peers().stream().map(Region::name).toList(),
                pipeline.partitions(),
                KafkaProperties.of(region));
    }
}
