package org.anabranch.schemas;

import org.anabranch.conflict.Stamp;
import org.jspecify.annotations.Nullable;

/**
 * One row's change, or the truncation of a table.
 *
 * @param operation what it does
 * @param stamp its place in the order of all changes
 * @param commitMicros commit time from the origin's WAL, microseconds since 1970-01-01 UTC
 * @param tableFingerprint the {@link TableSchema#fingerprint()} that gives the columns their names
 * @param before the old row: present for a DELETE (its key columns at least) and for an UPDATE that changed the key
 * @param after the new row: present for INSERT, UPDATE and COPY; only an UPDATE may have holes
 */
public record Change(
        Operation operation,
        Stamp stamp,
        long commitMicros,
        long tableFingerprint,
        @Nullable Row before,
        @Nullable Row after) {

    public Change {
        if ((operation == Operation.DELETE) != (before != null) && operation != Operation.UPDATE) {
            throw new IllegalArgumentException(operation + " with the wrong old row: " + before);
        }
        boolean hasAfter = operation != Operation.DELETE && operation != Operation.TRUNCATE;
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
