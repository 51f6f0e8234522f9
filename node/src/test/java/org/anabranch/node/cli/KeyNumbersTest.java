package org.anabranch.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.capture.KeySequence;
import org.anabranch.capture.SourceCheck;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.junit.jupiter.api.Test;

/** Two regions that number the rows of one table alike are found. */
class KeyNumbersTest {

    private static final TableName TABLE = new TableName("public", "t");
    private static final TableName SEQUENCE = new TableName("public", "t_id_seq");

    private final Map<String, SourceCheck.Source> sources = new LinkedHashMap<>();

    private void sequence(String region, long increment, long position) {
        TableSchema schema = new TableSchema(TABLE, List.of(), List.of("id"), "FULL", List.of());
        sources.put(
                region,
                new SourceCheck.Source(
                        List.of(schema),
                        List.of(new KeySequence(TABLE, "id", SEQUENCE, increment, position)),
                        Duration.ZERO));
    }

    private List<Finding> findings() {
        return new KeyNumbers(TABLE, List.of("hub", "eu", "us"), sources).findings();
    }

    @Test
    void sequences_that_begin_alike_are_told_apart_beyond_what_they_have_handed_out() {
        sequence("hub", 1, 41);
        sequence("eu", 1, 7);
        sequence("us", 1, 1);

        assertThat(findings())
                .extracting(Finding::fix)
                .containsExactly(
                        "ALTER SEQUENCE \"public\".\"t_id_seq\" INCREMENT BY 3 START WITH 43 RESTART",
                        "ALTER SEQUENCE \"public\".\"t_id_seq\" INCREMENT BY 3 START WITH 44 RESTART",
                        "ALTER SEQUENCE \"public\".\"t_id_seq\" INCREMENT BY 3 START WITH 45 RESTART");
        sequence("hub", 3, 43);
        sequence("eu", 3, 44);
        sequence("us", 3, 45);
        assertThat(findings()).isEmpty();
    }

    @Test
    void only_those_that_meet_are_told() {
        sequence("hub", 3, 1);
        sequence("eu", 3, 3);
        sequence("us", 6, 4);

        assertThat(findings())
                .extracting(Finding::toString)
                .containsExactly(
                        "hub: table public.t: its key column 'id' is numbered by public.t_id_seq, which hands out numbers that us"
                                + " can hand out too: two rows would become one; ALTER SEQUENCE \"public\".\"t_id_seq\""
                                + " INCREMENT BY 3 START WITH 7 RESTART",
                        "us: table public.t: its key column 'id' is numbered by public.t_id_seq, which hands out numbers that hub"
                                + " can hand out too: two rows would become one; ALTER SEQUENCE \"public\".\"t_id_seq\""
                                + " INCREMENT BY 3 START WITH 9 RESTART");
    }

    @Test
    void one_that_counts_down_may_meet_one_that_counts_up() {
        sequence("hub", -2, -1);
        sequence("eu", 2, 1);

        assertThat(findings()).hasSize(2);
        sequence("eu", 2, 2);
        assertThat(findings()).isEmpty();
    }

    @Test
    void a_table_that_would_be_made_with_the_sequence_of_another_region_is_told() {
        sequence("hub", 3, 1);
        sources.put("eu", new SourceCheck.Source(List.of(), List.of(), Duration.ZERO));

        assertThat(findings())
                .extracting(Finding::toString)
                .containsExactly(
                        "eu: table public.t: warning: is not there yet, and would be made with the sequence that hub has for its"
                                + " key column 'id': both would hand out the same numbers; make the table there before the first"
                                + " start, and run anabranch check again for the statements");
    }
}
