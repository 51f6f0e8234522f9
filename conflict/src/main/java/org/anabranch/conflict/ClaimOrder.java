package org.anabranch.conflict;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of rows that may not stand side by side does, for they have the same value where each must have its own: as if rows had come
 * in the order of their claims ({@link RowState#claim}), each where none that was there stood in its way.
 *
 * <p>Applied to any row, in any order and again and again until nothing changes, it leaves the same rows everywhere: the earliest
 * stays, whoever stands in its way goes; so does the next that it leaves room for. Each time an earlier row takes the place of later
 * ones, so it ends.
 */
public final class ClaimOrder {

    private ClaimOrder() {}

    /** What becomes of a row that is to be written. */
    public enum Verdict {
        /** It is written, and the rows in its way are displaced. */
        TAKES,
        /** It is displaced itself, until there is room for it. */
        YIELDS,
        /** It waits until more is known of a row in its way. */
        WAITS
    }

    /**
     * @param claim of the row that is to be written; null where the change that made it is on its way
     * @param holders of the rows in its way; null where it is not known, or the row may be another than the one that it is known of
     */
    public static Verdict of(@Nullable Stamp claim, List<@Nullable Stamp> holders) {
        if (holders.isEmpty()) {
            return Verdict.TAKES;
        }
        if (claim == null) {
            return Verdict.WAITS;
        }
        boolean isKnown = true;
        for (Stamp holder : holders) {
            if (holder == null) {
                isKnown = false;
            } else if (holder.compareTo(claim) < 0) {
                return Verdict.YIELDS;
            }
        }
        return isKnown ? Verdict.TAKES : Verdict.WAITS;
    }
}
