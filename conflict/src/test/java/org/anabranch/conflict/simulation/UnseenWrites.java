package org.anabranch.conflict.simulation;

import java.util.Objects;
import java.util.Optional;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.simulation.Database.Deletion;
import org.anabranch.conflict.simulation.Database.Version;

/** Whether the guard kept its promise: never over what the resolver has not seen. */
final class UnseenWrites {

    private UnseenWrites() {}

    /** Before an answer is applied. */
    static void check(Region region, Resolved.Row row) {
        Version present = region.database.get(row.key());
        if (present == null) {
            checkDelete(region, row, region.database.deletion(row.key()));
        } else if (present.wal() >= row.merged()
                && !Objects.equals(
                        present.commitMicros(), row.answer().seenMicros())) { // not two transactions of one microsecond
            throw new AssertionError(
                    region.name + " wrote over " + Telling.of(present) + ", which its resolver has not seen");
        }
    }

    private static void checkDelete(Region region, Resolved.Row row, Deletion deletion) {
        boolean isUndone = deletion != null
                && deletion.wal() >= row.merged()
                && isCovered(region, row.answer().context(), deletion.of().shown())
                && row.answer().row().equals(Optional.of(deletion.of().row()));
        if (isUndone) {
            throw new AssertionError(region.name + " undid a delete of " + Telling.of(deletion.of())
                    + ", which its resolver has not seen");
        }
    }

    /** Whether of other regions there is nothing in it that was not shown. */
    private static boolean isCovered(Region region, Context context, Context shown) {
        return context.stamps().stream().allMatch(stamp -> stamp.origin().equals(region.name) || shown.covers(stamp));
    }
}
