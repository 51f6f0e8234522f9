package org.anabranch.conflict;

import org.jspecify.annotations.Nullable;

/**
 * What one transaction did to one row of a table with several writers, whole: such tables have replica identity FULL, so no
 * column is ever left out.
 *
 * @param stamp its place in the order of all changes
 * @param context what its writer may have seen; of its own origin everything before it
 * @param before the row before it; null for an insert
 * @param after the row after it; null for a delete
 */
public record RowChange(
        Stamp stamp,
        Context context,
        @Nullable Values before,
        @Nullable Values after) {

    public RowChange {
        if (before == null && after == null) {
            throw new IllegalArgumentException("a change at " + stamp + " without a row before or after it");
        }
    }

    public static RowChange insert(Stamp stamp, Context context, Values after) {
        return new RowChange(stamp, context, null, after);
    }

    public static RowChange update(Stamp stamp, Context context, Values before, Values after) {
        return new RowChange(stamp, context, before, after);
    }

    public static RowChange delete(Stamp stamp, Context context, Values before) {
        return new RowChange(stamp, context, before, null);
    }

    public boolean isInsert() {
        return before == null;
    }

    public boolean isDelete() {
        return after == null;
    }

    /** Whether its writer had seen that change. */
    public boolean follows(Stamp other) {
        return other.origin().equals(stamp.origin()) ? other.compareTo(stamp) < 0 : context.covers(other);
    }
}
