package org.anabranch.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.anabranch.conflict.ColumnPolicy;
import org.anabranch.replicator.MergeRules;
import org.anabranch.replicator.OwnPolicies;
import org.anabranch.schemas.Finding;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The user's own merge policies, as the configuration names them. */
class OwnPoliciesTest {

    private record Policy(String name) implements ColumnPolicy {
        @Override
        public boolean takes(String type) {
            return true;
        }

        @Override
        public String merge(String one, String other) {
            return one;
        }
    }

    private record WithPolicies(OwnPolicies policies) implements Environment {
        @Override
        public @Nullable String variable(String name) {
            return ConfigurationParserTest.ENVIRONMENT.variable(name);
        }

        @Override
        public String file(String path) {
            return "secret";
        }
    }

    private static final ColumnPolicy HIGHEST_BID = new Policy("highest-bid");
    private static final OwnPolicies POLICIES =
            new OwnPolicies(Map.of("highest-bid", HIGHEST_BID, "union", new Policy("union")), List.of());

    private static MergeRules.Rule merge(OwnPolicies policies, String merge) {
        String text = ConfigurationParserTest.GOOD.replace(
                "    writers: hub\n    existing: replace\n", "    writers: all\n    merge: " + merge + "\n");
        Pipeline pipeline = ConfigurationParser.parse("a.yaml", text, new WithPolicies(policies))
                .pipeline();
        return ((Writers.Several) pipeline.tables().getLast().writers()).merge();
    }

    @Test
    void a_column_names_one_as_it_names_others() {
        MergeRules.Rule rule = merge(POLICIES, "{ columns: { price: highest-bid, on_hand: counter } }");

        assertThat(rule.columns()).isEqualTo(Map.of("price", "highest-bid", "on_hand", "counter"));
        assertThat(rule.own()).isEqualTo(Map.of("highest-bid", HIGHEST_BID));
    }

    @Test
    void an_unknown_name_is_told_with_the_nearest_or_with_all() {
        assertThatThrownBy(() -> merge(POLICIES, "{ columns: { a: higest-bid, b: foo } }"))
                .hasMessageContaining("unknown policy 'higest-bid'; did you mean 'highest-bid'?")
                .hasMessageContaining("unknown policy 'foo'; write one of: last-writer-wins, counter, set, min, max,"
                        + " highest-bid, union, prefer: REGION");
    }

    @Test
    void it_is_for_columns() {
        assertThatThrownBy(() -> merge(POLICIES, "highest-bid"))
                .hasMessageContaining(
                        "policy 'highest-bid' is for columns, not for all of a row; name its columns, as in"
                                + " 'merge: { columns: { on_hand: highest-bid } }'");
    }

    @Test
    void what_cannot_be_loaded_is_an_error() {
        OwnPolicies broken = new OwnPolicies(
                Map.of(), List.of(Finding.error("class path", "a merge policy cannot be loaded: why", "mend it")));

        assertThatThrownBy(() -> merge(broken, "last-writer-wins"))
                .hasMessageContaining("class path: a merge policy cannot be loaded: why; mend it");
    }
}
