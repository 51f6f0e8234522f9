package org.anabranch.conflict;

import org.jspecify.annotations.Nullable;

/**
 * A value that was written, and by whom.
 *
 * @param stamp when
 * @param context what its writer may have seen
 * @param values what was written; null for a delete of the row
 */
public record Write(Stamp stamp, Context context, @Nullable Values values) {

    /** Whether its writer had seen that write. */
    public boolean follows(Stamp other) {
        return other.origin().equals(stamp.origin()) ? other.compareTo(stamp) < 0 : context.covers(other);
    }
}
