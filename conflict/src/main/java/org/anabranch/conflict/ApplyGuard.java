package org.anabranch.conflict;

import org.jspecify.annotations.Nullable;

/**
 * Whether an answer may be written over what the database holds: never over a local change that the resolver has not seen. Such a
 * change is on its way to the resolver, which will answer with the merged row.
 */
public final class ApplyGuard {

    private ApplyGuard() {}

    /**
     * Of a row that is there.
     *
     * @param byApplier whether an applier wrote its present version
     * @param commitMicros else the commit time of the transaction that did; null if PostgreSQL does not know it any more, and
     *     then it is old
     */
    public record Present(boolean byApplier, @Nullable Long commitMicros) {}

    /** @param present what the database holds; null for no row */
    public static boolean allows(Answer answer, @Nullable Present present) {
        if (present == null) {
            return answer.row().isEmpty() || !answer.mayBeDeletedUnseen();
        }
        Long commitMicros = present.commitMicros();
        return present.byApplier() || commitMicros == null || commitMicros <= answer.seenMicros();
    }
}
