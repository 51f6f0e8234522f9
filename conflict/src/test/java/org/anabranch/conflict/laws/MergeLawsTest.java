package org.anabranch.conflict.laws;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.anabranch.conflict.MergeOracle;
import org.anabranch.conflict.MergePolicy;
import org.anabranch.conflict.MergePolicy.ValueOrder;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.conflict.RowMerge.Rule;
import org.anabranch.conflict.Values;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Anabranch's own policies. */
@ParameterizedClass
@MethodSource("subjects")
record MergeLawsTest(Subject subject) implements MergeLaws {

    private static String small(Random random) {
        return Integer.toString(random.nextInt(5));
    }

    private static String array(Random random) {
        return Stream.of("a", "b", "\"c,\"")
                .filter(element -> random.nextBoolean())
                .toList()
                .toString()
                .replace(" ", "")
                .replace('[', '{')
                .replace(']', '}');
    }

    private static Subject whole(String name, DeletePolicy deletes) {
        return new Subject(
                name,
                deletes,
                List.of(Rule.of(MergePolicy.lastWriterWins(), 0, 1)),
                random -> Values.of(small(random), small(random)),
                MergeOracle::lastWrittenRow);
    }

    static Stream<Subject> subjects() {
        return Stream.of(
                whole("last-writer-wins", DeletePolicy.LAST_WRITER_WINS),
                whole("delete: wins", DeletePolicy.WINS),
                whole("delete: loses", DeletePolicy.LOSES),
                Subject.ofColumn(MergePolicy.lastWriterWins(), MergeLawsTest::small, oracle -> oracle.lastWritten(0)),
                Subject.ofColumn(MergePolicy.prefer("hub"), MergeLawsTest::small, oracle -> oracle.preferred(0, "hub")),
                Subject.ofColumn(MergePolicy.counter(), MergeLawsTest::small, oracle -> oracle.counted(0)),
                Subject.ofColumn(MergePolicy.set(), MergeLawsTest::array, oracle -> oracle.elements(0)),
                Subject.ofColumn(
                        MergePolicy.max(ValueOrder.NUMBERS), MergeLawsTest::small, oracle -> oracle.greatest(0)),
                Subject.ofColumn(MergePolicy.min(ValueOrder.NUMBERS), MergeLawsTest::small, oracle -> oracle.least(0)));
    }
}
