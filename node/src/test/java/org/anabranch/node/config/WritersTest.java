package org.anabranch.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.replicator.MergeRules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which regions write a table, and how what they write is merged. */
class WritersTest {

    private static final MergeRules.Rule DEFAULT =
            new MergeRules.Rule("last-writer-wins", Map.of(), DeletePolicy.LAST_WRITER_WINS);

    private static Pipeline pipeline(String text, String lines) {
        String changed = text.replace("    writers: hub\n    existing: replace\n", lines.indent(4));
        return ConfigurationParser.parse("a.yaml", changed, ConfigurationParserTest.ENVIRONMENT)
                .pipeline();
    }

    private static TableRule rule(String lines) {
        return pipeline(ConfigurationParserTest.GOOD, lines).tables().getLast();
    }

    private static MergeRules.Rule merge(String lines) {
        return ((Writers.Several) rule("writers: all\n" + lines).writers()).merge();
    }

    @Test
    void the_hub_writes_where_nothing_is_said() {
        assertThat(rule("").writers()).isEqualTo(new Writers.One("hub"));
    }

    @ParameterizedTest
    @CsvSource({"hub, hub", "eu, eu", "[eu], eu"})
    void one_region_may_write_that_is_not_the_hub(String writers, String region) {
        assertThat(rule("writers: " + writers).writers()).isEqualTo(new Writers.One(region));
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "[hub, eu]", "[eu, hub]"})
    void several_regions_write_and_their_rows_stay(String writers) {
        TableRule rule = rule("writers: " + writers);

        assertThat(rule.writers()).isEqualTo(new Writers.Several(List.of("hub", "eu"), DEFAULT));
        assertThat(rule.existing()).isEqualTo(Existing.KEEP);
        assertThat(rule("writers: all\nexisting: keep").existing()).isEqualTo(Existing.KEEP);
    }

    @Test
    void in_a_mesh_all_write() {
        String mesh = ConfigurationParserTest.GOOD.replace("topology: hub-and-spoke\nhub: hub", "topology: mesh");

        assertThat(pipeline(mesh, "").hub()).isNull();
        assertThat(pipeline(mesh, "").tables().getLast().writers())
                .isEqualTo(new Writers.Several(List.of("hub", "eu"), DEFAULT));
        assertThat(pipeline(mesh, "writers: eu").tables().getLast().writers()).isEqualTo(new Writers.One("eu"));
    }

    @Test
    void regions_that_write_are_known() {
        Pipeline pipeline = pipeline(ConfigurationParserTest.GOOD, "writers: eu");

        assertThat(pipeline.writers()).containsExactly("hub", "eu");
        assertThat(pipeline.writesWithOthers("eu")).isFalse();
        assertThat(pipeline(ConfigurationParserTest.GOOD, "").writers()).containsExactly("hub");
        assertThat(pipeline(ConfigurationParserTest.GOOD, "writers: all").writesWithOthers("eu"))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "last-writer-wins-per-column | last-writer-wins-per-column",
                "{ default: last-writer-wins-per-column } | last-writer-wins-per-column",
                "{ columns: { a: set } } | last-writer-wins",
                "{ prefer: eu } | prefer: eu",
                "{ default: { prefer: eu } } | prefer: eu",
                "'\"prefer: eu\"' | prefer: eu",
                "{ default: \"prefer: eu\" } | prefer: eu"
            })
    void a_policy_may_be_written_in_several_ways(String merge, String policy) {
        assertThat(merge("merge: " + merge).defaults()).isEqualTo(policy);
    }

    @Test
    void columns_have_policies_of_their_own() {
        String columns =
                "{ on_hand: counter, Tags: set, '\"Low\"': min, high: max, a: \"prefer: eu\", b: { prefer: hub } }";

        assertThat(merge("merge: { columns: " + columns + " }").columns())
                .isEqualTo(Map.of(
                        "on_hand",
                        "counter",
                        "tags",
                        "set",
                        "Low",
                        "min",
                        "high",
                        "max",
                        "a",
                        "prefer: eu",
                        "b",
                        "prefer: hub"));
    }

    @ParameterizedTest
    @CsvSource({"last-writer-wins, LAST_WRITER_WINS", "wins, WINS", "loses, LOSES"})
    void a_delete_may_win_or_lose(String text, DeletePolicy policy) {
        assertThat(merge("delete: " + text).deletes()).isEqualTo(policy);
    }
}
