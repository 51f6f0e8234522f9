package org.anabranch.conflict.simulation;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.anabranch.conflict.MergeOracle;
import org.anabranch.conflict.MergePolicy;
import org.anabranch.conflict.MergePolicy.ValueOrder;
import org.anabranch.conflict.RowChange;
import org.anabranch.conflict.RowMerge;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.conflict.RowMerge.Rule;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.Values;
import org.jspecify.annotations.Nullable;

/**
 * What all regions write: a few rows, each with the name of the write that made it what it is, a counter, a set, a greatest value,
 * and two columns that may be unique.
 *
 * @param isPreferred whether a region's names win where they are in conflict; else the last one does
 * @param isUnique whether no two rows may have the same in either of the last two columns; else they are empty
 */
record Table(List<String> keys, DeletePolicy deletes, boolean isPreferred, boolean isUnique, RowMerge merge) {

    static final int ID = 0;
    static final int COUNT = 1;
    static final int TAGS = 2;
    static final int TOP = 3;
    static final int ONE = 4;
    static final int OTHER = 5;
    private static final int COLUMNS = 6;
    private static final String PREFERRED = "us";
    private static final List<String> KEYS = List.of("a", "b", "c");

    static Table any(Choices choices) {
        DeletePolicy deletes = choices.oneOf(List.of(DeletePolicy.values()));
        boolean isPreferred = choices.either();
        boolean isUnique = choices.oneIn(3);
        RowMerge merge = new RowMerge(
                COLUMNS,
                deletes,
                List.of(
                        Rule.of(isPreferred ? MergePolicy.prefer(PREFERRED) : MergePolicy.lastWriterWins(), ID),
                        Rule.of(MergePolicy.counter(), COUNT),
                        Rule.of(MergePolicy.set(), TAGS),
                        Rule.of(MergePolicy.max(ValueOrder.NUMBERS), TOP),
                        Rule.of(MergePolicy.lastWriterWins(), ONE),
                        Rule.of(MergePolicy.lastWriterWins(), OTHER)),
                isUnique ? List.of(ONE, OTHER) : List.of());
        List<String> keys = isUnique ? KEYS : KEYS.subList(0, 1 + choices.below(KEYS.size()));
        return new Table(keys, deletes, isPreferred, isUnique, merge);
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
        return Optional.of(Values.of(
                id,
                oracle.counted(COUNT),
                oracle.elements(TAGS),
                oracle.greatest(TOP),
                oracle.lastWritten(ONE),
                oracle.lastWritten(OTHER)));
    }

    /** Whether two rows may not stand side by side. */
    static boolean collide(Values one, Values other) {
        return isSame(one.get(ONE), other.get(ONE)) || isSame(one.get(OTHER), other.get(OTHER));
    }

    private static boolean isSame(@Nullable String one, @Nullable String other) {
        return one != null && one.equals(other);
    }

    /** The newest change that gave the row its values in unique columns. */
    static Stamp claim(List<RowChange> changes) {
        return changes.stream()
                .filter(change -> !change.isDelete() && (change.isInsert() || !hasSameClaims(change)))
                .map(RowChange::stamp)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static boolean hasSameClaims(RowChange change) {
        return Objects.equals(change.before().get(ONE), change.after().get(ONE))
                && Objects.equals(change.before().get(OTHER), change.after().get(OTHER));
    }
}
