package org.anabranch.schemas;

import org.anabranch.conflict.Context;
import org.jspecify.annotations.Nullable;

/**
 * Says that everything of the origin up to (hybridMicros, number) stands before it in its partition. Capture writes it to
 * every partition: at transaction boundaries, where it closes an epoch, and now and then within a large transaction, so
 * that an applier can put the partitions' changes in order without holding all of them.
 *
 * <p>Markers are watermarks and carry no running number: after a crash capture may close its epochs elsewhere, and a
 * reader that has seen a later marker is none the worse.
 *
 * @param origin the region that wrote it
 * @param hybridMicros hybrid time of the newest transaction that is covered
 * @param number the newest change of it that is covered, {@link #WHOLE} for all
 * @param commitMicros commit time of that transaction, microseconds since 1970-01-01 UTC
 * @param walPosition position in the origin's WAL of the newest transaction end that is covered
 * @param copying whether a first copy is still under way, so that a region which applied this does not yet hold everything
 * @param untilMicros everything that was acknowledged in the origin before this moment is covered; by the clock of the origin's
 *     node, microseconds since 1970-01-01 UTC, 0 where that is not known. The database's clock has no say in it
 * @param context where tables have several writers, what every change that is still to come has seen; else null
 */
public record EpochMarker(
        String origin,
        long hybridMicros,
        int number,
        long commitMicros,
        long walPosition,
        boolean copying,
        long untilMicros,
        @Nullable Context context)
        implements StreamRecord {

    /** Where every table has one writer, and the origin's node and its database have one clock. */
    public EpochMarker(
            String origin, long hybridMicros, int number, long commitMicros, long walPosition, boolean copying) {
        this(origin, hybridMicros, number, commitMicros, walPosition, copying, commitMicros, null);
    }

    /** As a number: the transaction is covered to its end. */
    public static final int WHOLE = Integer.MAX_VALUE;

    /** Whether it stands at a transaction's end. */
    public boolean atTransactionEnd() {
        return number == WHOLE;
    }
}
