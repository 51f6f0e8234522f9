package org.anabranch.conflict.laws;

import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.anabranch.conflict.MergeOracle;
import org.anabranch.conflict.MergePolicy;
import org.anabranch.conflict.RowMerge;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.conflict.RowMerge.Rule;
import org.anabranch.conflict.Values;
import org.jspecify.annotations.Nullable;

/**
 * A policy with rows for it, and what it promises.
 *
 * @param rows makes a row out of chance
 * @param expected what has to be read, from all changes at once
 */
public record Subject(
        String name,
        DeletePolicy deletes,
        List<Rule> rules,
        Function<Random, Values> rows,
        Function<MergeOracle, Values> expected) {

    /** Of one column, beside one that is merged by itself: so the policy is asked about changes that are not its own. */
    static Subject ofColumn(
            MergePolicy policy,
            Function<Random, @Nullable String> values,
            Function<MergeOracle, @Nullable String> expected) {
        return new Subject(
                policy.name(),
                DeletePolicy.LAST_WRITER_WINS,
                List.of(Rule.of(policy, 0), Rule.of(MergePolicy.lastWriterWins(), 1)),
                random -> Values.of(values.apply(random), Integer.toString(random.nextInt(5))),
                oracle -> Values.of(expected.apply(oracle), oracle.lastWritten(1)));
    }

    RowMerge merge() {
        return new RowMerge(rows.apply(new Random(0)).size(), deletes, rules);
    }

    @Override
    public String toString() {
        return name;
    }
}
