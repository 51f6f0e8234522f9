package org.anabranch.schemas;

import java.util.List;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Stamp;
import org.jspecify.annotations.Nullable;

/**
 * One row's change, or the truncation of a table.
 *
 * @param operation what it does
 * @param stamp its place in the order of all changes
 * @param commitMicros commit time from the origin's WAL, microseconds since 1970-01-01 UTC
 * @param tableFingerprint the {@link TableSchema#fingerprint()} that gives the columns their names
 * @param before the old row: present for a DELETE (its key columns at least), for an UPDATE that changed the key, for every UPDATE
 *     of a table with several writers, and for a MERGE that leaves no row
 * @param after the new row: present for INSERT, UPDATE and COPY, and for a MERGE that leaves a row; only an UPDATE may have holes
 * @param context of a table with several writers, what its writer may have seen; of a MERGE, what is in it; else null
 * @param verdict of a MERGE, what the applier has to know; else null
 * @param conflicts of a MERGE, those of the change with others that had not seen it, nor it them
 */
public record Change(
        Operation operation,
        Stamp stamp,
        long commitMicros,
        long tableFingerprint,
        @Nullable Row before,
        @Nullable Row after,
        @Nullable Context context,
        @Nullable Verdict verdict,
        List<ConflictRecord> conflicts) {

    /**
     * How a merged row may be written over what the database holds.
     *
     * @param seenMicros commit time of the region's own last change that is merged into it; 0 for none
     * @param mayBeDeletedUnseen whether the row, where it is not there, may have been deleted by a local transaction that the
     *     resolver has not seen
     * @param claim of a table with unique columns beside its key, the newest change that gave the row its values there; null of
     *     other tables, and while that change has not come
     */
    public record Verdict(
            long seenMicros,
            boolean mayBeDeletedUnseen,
            @Nullable Stamp claim) {}

    /** Of a table with one writer. */
    public Change(
            Operation operation,
            Stamp stamp,
            long commitMicros,
            long tableFingerprint,
            @Nullable Row before,
            @Nullable Row after) {
        this(operation, stamp, commitMicros, tableFingerprint, before, after, null, null);
    }

    /** Without conflicts. */
    public Change(
            Operation operation,
            Stamp stamp,
            long commitMicros,
            long tableFingerprint,
            @Nullable Row before,
            @Nullable Row after,
            @Nullable Context context,
            @Nullable Verdict verdict) {
        this(operation, stamp, commitMicros, tableFingerprint, before, after, context, verdict, List.of());
    }

    public Change {
        conflicts = List.copyOf(conflicts);
        boolean isMerge = operation == Operation.MERGE;
        if (isMerge != (verdict != null) || isMerge && context == null) {
            throw new IllegalArgumentException(operation + " with the wrong verdict or context: " + verdict);
        }
        boolean mayHaveBefore = operation == Operation.UPDATE || isMerge;
        if ((operation == Operation.DELETE) != (before != null) && !mayHaveBefore) {
            throw new IllegalArgumentException(operation + " with the wrong old row: " + before);
        }
        boolean hasAfter = isMerge ? before == null : operation != Operation.DELETE && operation != Operation.TRUNCATE;
        if (hasAfter != (after != null)) {
            throw new IllegalArgumentException(operation + " with the wrong new row: " + after);
        }
    }

    /** The region in which it was committed. */
    public String origin() {
        return stamp.origin();
    }

    /** The hybrid time of its transaction, in microseconds. */
    public long hybridMicros() {
        return stamp.hybridMicros();
    }

    /** Its place in the transaction. */
    public int number() {
        return stamp.number();
    }
}
