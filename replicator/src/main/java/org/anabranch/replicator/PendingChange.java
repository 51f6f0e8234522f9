package org.anabranch.replicator;

import org.anabranch.schemas.Change;
import org.anabranch.schemas.Operation;

/**
 * A change that was read and waits to be applied.
 *
 * @param key table and primary key
 * @param change the change
 * @param offset where its bundle stands in its partition
 * @param sizeBytes what it takes to hold, roughly
 * @param place of a merge, its place among those that were read; see {@link MergeOrder}
 * @param role of a merge, what is to be done with it
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere; a list of bytes would cost an object a byte
record PendingChange(byte[] key, Change change, long offset, int sizeBytes, long place, Role role) {

    /** What a change is handed out as. */
    enum Role {
        /** As what it says. */
        PLAIN,
        /** What it says was applied before, or something older; that it comes again is all that it says of its origin. */
        REPEATED,
        /** A newer merge of the row was handed out before it: it says only that its epoch has come so far. */
        SUPERSEDED
    }

    PendingChange(byte[] key, Change change, long offset, int sizeBytes) {
        this(key, change, offset, sizeBytes, -1, Role.PLAIN);
    }

    boolean isMerge() {
        return change.operation() == Operation.MERGE;
    }

    PendingChange at(long mergePlace) {
        return new PendingChange(key, change, offset, sizeBytes, mergePlace, role);
    }

    PendingChange as(Role otherRole) {
        return new PendingChange(key, change, offset, sizeBytes, place, otherRole);
    }
}
