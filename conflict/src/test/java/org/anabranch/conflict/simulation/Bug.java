package org.anabranch.conflict.simulation;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What can be built wrong. */
public enum Bug {
    NONE,
    NO_ECHO_FOR_CONTESTED_ROWS,
    NO_ANSWER_TO_WHAT_ONE_REGION_ALONE_WRITES,
    GUARD_LEFT_OUT,
    DEFERRED_ROWS_ARE_NEVER_LOOKED_AT_AGAIN,
    OLD_GENERATION_LET_IN,
    RESOLVER_DROPS_REPEATS,
    RESOLVER_STARTS_ONE_LATE,
    RESOLVER_TRUSTS_ITS_MEMORY_AFTER_A_START,
    LINK_STARTS_ONE_LATE,
    CAPTURE_STARTS_ONE_LATE,
    CAPTURE_FORGETS_ITS_CLOCK,
    CLOCK_ROW_AFTER_THE_COMMIT,
    CLOCK_ROW_LEFT_OUT,
    CONTEXT_LEFT_OUT,
    CONTEXT_OF_ROWS_LEFT_OUT,
    CONTEXT_CLAIMS_WHAT_IS_ON_ITS_WAY,
    CONTEXT_CLAIMS_WHAT_IS_NOT_COMMITTED,
    STABLE_WITHOUT_ONE_REGION,
    STABLE_BY_STREAMS_ALONE,
    STABLE_BEFORE_ITS_OWN_DATABASE_HAS_IT,
    STABLE_BY_THE_LEAST_OF_WHAT_REGIONS_HOLD,
    COUNTS_ARE_SUMMED_UP_TOO_EARLY,
    REPEATS_OF_WHAT_IS_SUMMED_UP_COUNT,
    STATE_AHEAD_OF_ITS_ANSWERS,
    PROGRESS_BEFORE_THE_ROWS,
    MERGED_ROWS_DROPPED_BY_STAMP,
    DEFERRED_ROW_OVERTAKES_ITS_ANSWER,
    APPLIERS_WRITES_ARE_CAPTURED;

    /** All that are one. */
    public static List<Bug> planted() {
        return Arrays.stream(values()).filter(bug -> bug != NONE).toList();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
