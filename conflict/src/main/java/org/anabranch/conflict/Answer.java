package org.anabranch.conflict;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a resolver tells its region's applier about a row.
 *
 * @param row what the row is to be; empty for none
 * @param seenMicros commit time of the region's own last change that is merged into it; 0 for none. What the database holds of
 *     a later local transaction must not be written over: see {@link ApplyGuard}
 * @param mayBeDeletedUnseen whether the row, where it is not there, may have been deleted by a local transaction that the resolver
 *     has not seen: it was believed there, or the region has written it before
 * @param context all that is merged into it. Before anybody sees the row, the region's clock has to be past it, and who writes the
 *     row after that has seen it, whatever the region as a whole has
 * @param claim {@link RowState#claim}
 */
public record Answer(
        Optional<Values> row,
        long seenMicros,
        boolean mayBeDeletedUnseen,
        Context context,
        @Nullable Stamp claim) {}
