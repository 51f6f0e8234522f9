package org.anabranch.node.region;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.anabranch.capture.CaptureSettings;
import org.anabranch.capture.TablePattern;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.config.TableRule;
import org.anabranch.node.config.Writers;
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

    /** An idle region's replicated-until is never older than this, and what the parts need. */
    private static final Duration HEARTBEAT = Duration.ofMillis(500);

    /** Whether the region's own changes are captured. */
    public boolean writes() {
        return pipeline.writes(region.name());
    }

    /** Whether changes of other regions come here. */
    public boolean receives() {
        return !otherWriters().isEmpty();
    }

    private List<String> otherWriters() {
        return pipeline.writers().stream()
                .filter(other -> !other.equals(region.name()))
                .toList();
    }

    /**
     * The regions whose changes are resolved and applied here. Its own are among them where they have to be merged with others':
     * the resolver has to see them, and the applier their epochs.
     */
    List<String> origins() {
        List<String> origins = new ArrayList<>(otherWriters());
        if (pipeline.writesWithOthers(region.name())) {
            origins.add(region.name());
        }
        return origins;
    }

    /** The regions that this one is linked to. */
    List<Region> peers() {
        return switch (pipeline.topology()) {
            case MESH ->
                pipeline.spokes().stream().filter(peer -> !peer.equals(region)).toList();
            case HUB_AND_SPOKE ->
                isHub() ? pipeline.spokes() : List.of(pipeline.region(String.valueOf(pipeline.hub())));
        };
    }

    private boolean isHub() {
        return region.name().equals(pipeline.hub());
    }

    /** The regions whose changes come from a peer: a hub passes on what it was given, anyone else gives only its own. */
    private List<String> originsBehind(Region peer) {
        boolean passesOn = peer.name().equals(pipeline.hub());
        return otherWriters().stream()
                .filter(origin -> passesOn || origin.equals(peer.name()))
                .toList();
    }

    /** The same of the regions' statuses. */
    private List<String> statusesBehind(Region peer) {
        boolean passesOn = peer.name().equals(pipeline.hub());
        return others().stream()
                .filter(other -> passesOn || other.equals(peer.name()))
                .toList();
    }

    /** All regions but this one. */
    List<String> others() {
        return pipeline.regions().keySet().stream()
                .filter(other -> !other.equals(region.name()))
                .toList();
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
                patterns(),
                HEARTBEAT,
                this::isContested);
    }

    private List<TablePattern> patterns() {
        return pipeline.tables().stream()
                .filter(rule -> rule.isWrittenBy(region.name()))
                .map(rule -> new TablePattern(
                        rule.pattern().toString(),
                        table -> rule.pattern().matches(table.schema(), table.table()) && isWrittenHere(table)))
                .toList();
    }

    /** A glob may match what a rule by name gives to other regions. */
    private boolean isWrittenHere(TableName table) {
        return ruleFor(table).map(rule -> rule.isWrittenBy(region.name())).orElse(false);
    }

    private boolean isContested(TableName table) {
        return ruleFor(table).map(TableRule::hasSeveralWriters).orElse(false);
    }

    private MergeRules merges() {
        return pipeline.tables().stream().anyMatch(TableRule::hasSeveralWriters) ? this::merge : MergeRules.NONE;
    }

    private Optional<MergeRules.Rule> merge(TableName table) {
        return ruleFor(table).map(TableRule::writers).flatMap(writers -> switch (writers) {
            case Writers.One one -> Optional.empty();
            case Writers.Several several -> Optional.of(several.merge());
        });
    }

    private Optional<TableRule> ruleFor(TableName table) {
        return pipeline.ruleFor(table.schema(), table.table());
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
                merges(),
                pipeline.journal(),
                this::writersOf);
    }

    private List<String> writersOf(TableName table) {
        return ruleFor(table).map(rule -> rule.writers().regions()).orElse(List.of());
    }

    private TableRules.Rule rule(TableName table) {
        TableRule rule = ruleFor(table).orElse(null);
        return new TableRules.Rule(
                rule == null ? pipeline.createTables() : rule.createTables(),
                pipeline.foreignKeys(),
                rule == null ? TableRules.Existing.REFUSE : existing(rule),
                rule == null ? TableRules.OnError.QUARANTINE : onError(rule));
    }

    /** Rows of a table that this region writes are its own, and are never in the way. */
    private TableRules.Existing existing(TableRule rule) {
        if (rule.isWrittenBy(region.name())) {
            return TableRules.Existing.KEEP;
        }
        return switch (rule.existing()) {
            case REFUSE -> TableRules.Existing.REFUSE;
            case KEEP -> TableRules.Existing.KEEP;
            case REPLACE -> TableRules.Existing.REPLACE;
        };
    }

    private static TableRules.OnError onError(TableRule rule) {
        return switch (rule.onError()) {
            case QUARANTINE -> TableRules.OnError.QUARANTINE;
            case STOP -> TableRules.OnError.STOP;
        };
    }

    ResolverSettings resolver(Path directory) {
        return new ResolverSettings(
                pipeline.name(),
                region.name(),
                origins(),
                KafkaProperties.of(region),
                directory.resolve("resolver"),
                merges());
    }

    LinkSettings link(Region peer) {
        return new LinkSettings(
                pipeline.name(),
                region.name(),
                peer.name(),
                originsBehind(peer),
                statusesBehind(peer),
                KafkaProperties.of(peer),
                KafkaProperties.of(region),
                pipeline.partitions(),
                merges().equals(MergeRules.NONE) ? null : pipeline.maxClockSkew());
    }

    public RegionTopics topics() {
        return new RegionTopics(
                region.name(), writes(), otherWriters(), others(), pipeline.partitions(), KafkaProperties.of(region));
    }
}
