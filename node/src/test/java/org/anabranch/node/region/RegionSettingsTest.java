package org.anabranch.node.region;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.capture.TablePattern;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.node.config.Existing;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Position;
import org.anabranch.node.config.Region;
import org.anabranch.node.config.Secret;
import org.anabranch.node.config.TableRule;
import org.anabranch.node.config.Topology;
import org.anabranch.node.config.Writers;
import org.anabranch.replicator.JournalLimits;
import org.anabranch.replicator.MergeRules;
import org.anabranch.replicator.TableRules;
import org.anabranch.schemas.TableName;
import org.junit.jupiter.api.Test;

/** Which parts a region has, and where its changes come from. */
class RegionSettingsTest {

    private static final List<String> REGIONS = List.of("hub", "eu", "us");
    private static final MergeRules.Rule MERGE =
            new MergeRules.Rule("last-writer-wins", Map.of(), DeletePolicy.LAST_WRITER_WINS);
    private static final Writers HUB = new Writers.One("hub");
    private static final Writers EU = new Writers.One("eu");
    private static final Writers ALL = new Writers.Several(REGIONS, MERGE);

    private static TableRule rule(String pattern, Writers writers) {
        return new TableRule(
                org.anabranch.node.config.TablePattern.parse(pattern),
                writers,
                Existing.REFUSE,
                true,
                new Position("a.yaml", 1, 1));
    }

    private static Pipeline pipeline(Topology topology, TableRule... rules) {
        LinkedHashMap<String, Region> regions = new LinkedHashMap<>();
        REGIONS.forEach(name -> regions.put(
                name,
                new Region(
                        name,
                        new Region.Postgres("jdbc:postgresql://" + name + "/shop", "anabranch", Secret.of("canary")),
                        new Region.Kafka(name + ":9092", Map.of()),
                        null)));
        String hub = topology == Topology.MESH ? null : "hub";
        return new Pipeline(
                "shop",
                topology,
                hub,
                Duration.ofSeconds(5),
                4,
                true,
                false,
                JournalLimits.DEFAULT,
                Duration.ofMinutes(1),
                regions,
                List.of(rules));
    }

    private static RegionSettings of(Pipeline pipeline, String region) {
        return new RegionSettings(pipeline, pipeline.region(region));
    }

    /** What is copied from each peer. */
    private static Map<String, List<String>> links(RegionSettings settings) {
        Map<String, List<String>> links = new LinkedHashMap<>();
        settings.peers()
                .forEach(peer -> links.put(peer.name(), settings.link(peer).origins()));
        return links;
    }

    @Test
    void where_the_hub_alone_writes_it_captures_and_spokes_apply() {
        Pipeline pipeline = pipeline(Topology.HUB_AND_SPOKE, rule("public.*", HUB));

        assertThat(of(pipeline, "hub").writes()).isTrue();
        assertThat(of(pipeline, "hub").receives()).isFalse();
        assertThat(links(of(pipeline, "hub"))).isEqualTo(Map.of("eu", List.of(), "us", List.of()));
        assertThat(of(pipeline, "eu").writes()).isFalse();
        assertThat(of(pipeline, "eu").applier().origins()).containsExactly("hub");
        assertThat(of(pipeline, "eu").applier().merges()).isEqualTo(MergeRules.NONE);
        assertThat(links(of(pipeline, "eu"))).isEqualTo(Map.of("hub", List.of("hub")));
    }

    @Test
    void a_hub_passes_on_what_spokes_write() {
        Pipeline pipeline = pipeline(Topology.HUB_AND_SPOKE, rule("public.*", ALL));

        assertThat(links(of(pipeline, "hub"))).isEqualTo(Map.of("eu", List.of("eu"), "us", List.of("us")));
        assertThat(links(of(pipeline, "eu"))).isEqualTo(Map.of("hub", List.of("hub", "us")));
    }

    @Test
    void in_a_mesh_every_peer_gives_its_own() {
        Pipeline pipeline = pipeline(Topology.MESH, rule("public.*", ALL));

        assertThat(links(of(pipeline, "hub"))).isEqualTo(Map.of("eu", List.of("eu"), "us", List.of("us")));
        assertThat(links(of(pipeline, "eu"))).isEqualTo(Map.of("hub", List.of("hub"), "us", List.of("us")));
    }

    @Test
    void a_region_that_writes_with_others_resolves_and_applies_its_own_changes_too() {
        RegionSettings eu = of(pipeline(Topology.HUB_AND_SPOKE, rule("public.*", ALL)), "eu");

        assertThat(eu.applier().origins()).containsExactly("hub", "us", "eu");
        assertThat(eu.resolver(Path.of("x")).origins()).containsExactly("hub", "us", "eu");
        assertThat(eu.resolver(Path.of("x")).merges().of(new TableName("public", "t")))
                .contains(MERGE);
    }

    @Test
    void one_writer_that_is_not_the_hub_is_an_origin_for_all_others_and_not_for_itself() {
        Pipeline pipeline = pipeline(Topology.HUB_AND_SPOKE, rule("public.a", HUB), rule("public.b", EU));

        assertThat(of(pipeline, "hub").applier().origins()).containsExactly("eu");
        assertThat(of(pipeline, "eu").applier().origins()).containsExactly("hub");
        assertThat(of(pipeline, "us").applier().origins()).containsExactly("hub", "eu");
        assertThat(links(of(pipeline, "us"))).isEqualTo(Map.of("hub", List.of("hub", "eu")));
        assertThat(of(pipeline, "us").applier().merges().of(new TableName("public", "b")))
                .isEmpty();
    }

    @Test
    void a_region_captures_what_it_writes_and_a_rule_by_name_goes_before_a_glob() {
        Pipeline pipeline =
                pipeline(Topology.HUB_AND_SPOKE, rule("public.*", HUB), rule("public.b", EU), rule("public.c", ALL));

        assertThat(captured(pipeline, "hub")).containsExactly("a", "c");
        assertThat(captured(pipeline, "eu")).containsExactly("b", "c");
        assertThat(captured(pipeline, "us")).containsExactly("c");
        assertThat(of(pipeline, "eu").capture().contested().test(new TableName("public", "c")))
                .isTrue();
        assertThat(of(pipeline, "eu").capture().contested().test(new TableName("public", "b")))
                .isFalse();
    }

    private static List<String> captured(Pipeline pipeline, String region) {
        List<TablePattern> patterns = of(pipeline, region).capture().tables();
        return List.of("a", "b", "c").stream()
                .filter(table ->
                        patterns.stream().anyMatch(pattern -> pattern.matches().test(new TableName("public", table))))
                .toList();
    }

    @Test
    void rows_of_a_table_that_a_region_writes_are_never_in_the_way() {
        Pipeline pipeline = pipeline(Topology.HUB_AND_SPOKE, rule("public.a", HUB), rule("public.b", EU));

        assertThat(existing(pipeline, "eu", "b")).isEqualTo(TableRules.Existing.KEEP);
        assertThat(existing(pipeline, "us", "b")).isEqualTo(TableRules.Existing.REFUSE);
    }

    @Test
    void rows_may_lose_their_parents_unless_one_region_writes_both_tables() {
        Pipeline pipeline = pipeline(
                Topology.HUB_AND_SPOKE,
                rule("public.a", HUB),
                rule("public.b", HUB),
                rule("public.c", EU),
                rule("public.d", ALL));

        assertThat(mayPart(pipeline, "a", "b")).isFalse();
        assertThat(mayPart(pipeline, "a", "a")).isFalse();
        assertThat(mayPart(pipeline, "a", "c")).isTrue();
        assertThat(mayPart(pipeline, "c", "d")).isTrue();
        assertThat(mayPart(pipeline, "d", "d")).isTrue();
        assertThat(mayPart(pipeline, "d", "not_replicated")).isFalse();
    }

    private static boolean mayPart(Pipeline pipeline, String child, String parent) {
        return of(pipeline, "us")
                .applier()
                .writers()
                .mayPart(new TableName("public", child), new TableName("public", parent));
    }

    private static TableRules.Existing existing(Pipeline pipeline, String region, String table) {
        return of(pipeline, region)
                .applier()
                .tables()
                .of(new TableName("public", table))
                .existing();
    }
}
