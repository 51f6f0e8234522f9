package org.anabranch.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.anabranch.conflict.MergePolicy.ValueOrder;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.conflict.RowMerge.Rule;
import org.anabranch.conflict.RowResolver.Resolved;
import org.junit.jupiter.api.Test;

class RowResolverTest {

    private static final RowMerge MERGE = new RowMerge(
            4,
            DeletePolicy.LAST_WRITER_WINS,
            List.of(
                    Rule.of(MergePolicy.lastWriterWins(), 0),
                    Rule.of(MergePolicy.max(ValueOrder.NUMBERS), 1),
                    Rule.of(MergePolicy.set(), 2),
                    Rule.of(MergePolicy.counter(), 3)));
    /** As the resolver reads it. */
    private static final String AB = "{\"a\",\"b\"}";

    private static final Values FIRST = Values.of("k", "10", AB, "5");

    private final RowResolver resolver = new RowResolver("eu", MERGE);

    /** The others hold what merging makes of the write, so its own region has to be told. */
    @Test
    void whoWritesWhatMergingMakesSomethingElseOfIsToldTheRow() {
        assertThat(answerTo(Values.of("k", "7", AB, "5"))).isEqualTo(Values.of("k", "10", AB, "5"));
        assertThat(answerTo(Values.of("k", "10", "{b,a,a}", "5"))).isEqualTo(Values.of("k", "10", AB, "5"));
        assertThat(answerTo(Values.of("k", "10", AB, null))).isEqualTo(Values.of("k", "10", AB, "0"));
    }

    @Test
    void whatOneRegionAloneWritesNeedsNoAnswer() {
        Resolved first = insert();
        Resolved second = update(first, Values.of("l", "11", "{\"b\",\"c\"}", "4"));
        Resolved again = resolver.resolve(
                second.entry().orElseThrow(),
                RowChange.insert(stamp(1), Context.NOTHING, FIRST),
                1,
                Context.NOTHING,
                Context.NOTHING,
                true);

        assertThat(first.answer()).isEmpty();
        assertThat(second.answer()).isEmpty();
        assertThat(again.answer()).isEmpty();
    }

    private Values answerTo(Values written) {
        return update(insert(), written).answer().orElseThrow().row().orElseThrow();
    }

    private Resolved insert() {
        return resolver.resolve(
                null, RowChange.insert(stamp(1), Context.NOTHING, FIRST), 1, Context.NOTHING, Context.NOTHING, false);
    }

    private Resolved update(Resolved before, Values after) {
        RowChange update = RowChange.update(stamp(2), Context.NOTHING, FIRST, after);
        return resolver.resolve(before.entry().orElseThrow(), update, 2, Context.NOTHING, Context.NOTHING, false);
    }

    private static Stamp stamp(long hybridMicros) {
        return new Stamp(hybridMicros, 0, "eu");
    }
}
