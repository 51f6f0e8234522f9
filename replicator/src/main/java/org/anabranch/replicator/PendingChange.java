package org.anabranch.replicator;

import java.util.Objects;
import org.anabranch.conflict.Stamp;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.Row;
import org.jspecify.annotations.Nullable;

/**
 * A change that was read and waits to be applied.
 *
 * @param key table and primary key
 * @param change the change
 * @param offset where its bundle stands in its partition
 * @param sizeBytes what it takes to hold, roughly
 * @param place of an answer, its place among those that were read; see {@link AnswerOrder}
 * @param role of an answer, what is to be done with it
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere; a list of bytes would cost an object a byte
record PendingChange(byte[] key, Change change, long offset, int sizeBytes, long place, Role role) {

    /** What a change is handed out as. */
    enum Role {
        /** As what it says. */
        PLAIN,
        /** What it says was applied before, or something older; that it comes again is all that it says of its origin. */
        REPEATED,
        /** A newer answer for the row was handed out before it: it says only that its epoch has come so far. */
        SUPERSEDED
    }

    PendingChange(byte[] key, Change change, long offset, int sizeBytes) {
        this(key, change, offset, sizeBytes, -1, Role.PLAIN);
    }

    boolean isMerge() {
        return change.operation() == Operation.MERGE;
    }

    /**
     * Whether it is what a resolver made of a change to a table with several writers: a merge, or, where that could not be made, the
     * change as it was. A TRUNCATE, which is of no row, is none.
     */
    boolean isAnswer() {
        return change.context() != null && change.operation() != Operation.TRUNCATE;
    }

    /** The row that is to be, or that was. */
    Row row() {
        return Objects.requireNonNull(change.after() == null ? change.before() : change.after());
    }

    /** Of a merge, {@link Change.Verdict#claim}. */
    @Nullable
    Stamp claim() {
        Change.Verdict verdict = change.verdict();
        return verdict == null ? null : verdict.claim();
    }

    /** Of a merge, {@link Change.Verdict#seenMicros}. */
    long seenMicros() {
        return Objects.requireNonNull(change.verdict()).seenMicros();
    }

    PendingChange at(long answerPlace) {
        return new PendingChange(key, change, offset, sizeBytes, answerPlace, role);
    }

    PendingChange as(Role otherRole) {
        return new PendingChange(key, change, offset, sizeBytes, place, otherRole);
    }
}
