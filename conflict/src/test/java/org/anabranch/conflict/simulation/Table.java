package org.anabranch.conflict.simulation;

import java.util.List;
import java.util.Optional;
import org.anabranch.conflict.MergeOracle;
import org.anabranch.conflict.MergePolicy;
import org.anabranch.conflict.MergePolicy.ValueOrder;
import org.anabranch.conflict.RowChange;
import org.anabranch.conflict.RowMerge;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.conflict.RowMerge.Rule;
import org.anabranch.conflict.Values;

/**
 * What all regions write: a few rows, each with the name of the write that made it what it is, a counter, a set and a greatest value.
 *
 * @param isPreferred whether a region's names win where they are in conflict; else the last one does
 */
record Table(List<String> keys, DeletePolicy deletes, boolean isPreferred, RowMerge merge) {

    static final int ID = 0;
    static final int COUNT = 1;
    static final int TAGS = 2;
    static final int TOP = 3;
    private static final int COLUMNS = 4;
    private static final String PREFERRED = "us";
    private static final List<String> KEYS = List.of("a", "b", "c");

    static Table any(Choices choices) {
        DeletePolicy deletes = choices.oneOf(List.of(DeletePolicy.values()));
        boolean isPreferred = choices.either();
        RowMerge merge = new RowMerge(
                COLUMNS,
                deletes,
                List.of(
                        Rule.of(isPreferred ? MergePolicy.prefer(PREFERRED) : MergePolicy.lastWriterWins(), ID),
                        Rule.of(MergePolicy.counter(), COUNT),
                        Rule.of(MergePolicy.set(), TAGS),
                        Rule.of(MergePolicy.max(ValueOrder.NUMBERS), TOP)));
        return new Table(KEYS.subList(0, 1 + choices.below(KEYS.size())), deletes, isPreferred, merge);
    }

    /** What has to become of a row to which these changes were made. */
    Optional<Values> expected(List<RowChange> changes) {
        if (changes.isEmpty()) {
            return Optional.empty();
        }
        MergeOracle oracle = new MergeOracle(changes);
        if (oracle.isDeleted(deletes)) {
            return Optional.empty();
        }
        String id = isPreferred ? oracle.preferred(ID, PREFERRED) : oracle.lastWritten(ID);
        return Optional.of(Values.of(id, oracle.counted(COUNT), oracle.elements(TAGS), oracle.greatest(TOP)));
    }
}
