package org.anabranch.conflict;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A region's resolver for the rows of one table, as a function: what is remembered of a row and a change of it give what is to be
 * remembered and what the applier is to be told. Asked again with the same change it answers with the row's present state, so it
 * may be repeated from any point before.
 */
public final class RowResolver {

    private final String region;
    private final RowMerge merge;
    private final Conflicts conflicts;

    public RowResolver(String region, RowMerge merge) {
        this.region = region;
        this.merge = merge;
        conflicts = new Conflicts(merge);
    }

    /**
     * @param entry empty where nothing of the row needs to be remembered
     * @param answer empty where the database is known to hold the row already
     * @param conflicts of the change with others; again where it is a repeat, the answer to which may have been lost. Where there
     *     are any there is an answer
     * @param unreadable why there is no answer though there should be one: a policy of the user's own has failed; null if there is
     *     nothing wrong
     */
    public record Resolved(
            Optional<RowEntry> entry,
            Optional<Answer> answer,
            List<Conflict> conflicts,
            @Nullable String unreadable) {}

    /**
     * @param entry what was remembered of the row; null for nothing
     * @param commitMicros of the change, by its origin's clock
     * @param stable what every change that is still to come has in its context; what it covers has been resolved before
     * @param read of each origin, up to where all its changes have been resolved before, or less
     * @param mayBeRepeat whether a predecessor may have resolved it, whose answer the database may have: what is remembered is
     *     then no word on whether it holds the row
     */
    public Resolved resolve(
            @Nullable RowEntry entry,
            RowChange change,
            long commitMicros,
            Context stable,
            Context read,
            boolean mayBeRepeat) {
        Stamp stamp = change.stamp();
        if (entry == null && (stable.covers(stamp) || read.covers(stamp))) {
            // Deleted and forgotten; every region has that.
            return new Resolved(Optional.empty(), Optional.empty(), List.of(), null);
        }
        boolean isLocal = stamp.origin().equals(region);
        RowState state = entry == null ? merge.of(change) : entry.state();
        boolean isNew = entry == null || !entry.merged().covers(stamp);
        if (entry != null && isNew) {
            state = merge.merge(state, merge.of(change));
        }
        Context merged = entry == null ? Context.of(stamp) : entry.merged().with(stamp);
        long seen = entry == null ? 0 : entry.seenMicros();
        boolean wasThere = entry != null && entry.believedThere();
        if (isLocal) {
            seen = Math.max(seen, commitMicros);
            wasThere = !change.isDelete();
        }
        boolean contested = !isLocal || entry != null && entry.contested();
        Optional<Answer> answer = Optional.empty();
        boolean isThere = wasThere;
        String unreadable = null;
        try {
            Optional<Values> row = merge.read(state);
            boolean isAsWritten =
                    row.equals(Optional.ofNullable(change.after())); // not a lower value where the greatest is kept
            contested |= isNew && !isAsWritten || merge.hasUnique();
            if (contested) {
                answer = Optional.of(
                        new Answer(row, seen, wasThere || seen > 0 || mayBeRepeat, state.context(), state.claim()));
                isThere = row.isPresent();
            }
        } catch (UnmergeableException e) { // the state is sound, and the next write of the column may be read again
            contested = true;
            unreadable = e.getMessage();
        }
        List<RecentChange> recent = entry == null ? List.of() : entry.recent();
        List<Conflict> found = List.of();
        if (!stable.covers(stamp)) { // a repeat too: the answer that told of its conflicts may be lost
            RecentChange made = conflicts.recent(change, commitMicros);
            found = unreadable == null ? conflicts.of(made, recent) : List.of();
            recent = Conflicts.with(recent, made);
        }
        RowEntry kept = new RowEntry(state, contested, isThere, seen, merged, recent);
        return new Resolved(Optional.of(kept), answer, found, unreadable);
    }

    /**
     * The hybrid time that every change that is still to come is later than: stamps of one origin only grow.
     *
     * @param read of each origin, up to where all its changes have been resolved
     * @param origins all that write
     */
    public static long pastMicros(Context read, Collection<String> origins) {
        long earliest = Long.MAX_VALUE;
        for (String origin : origins) {
            Stamp until = read.newest(origin);
            earliest = Math.min(earliest, until == null ? 0 : until.hybridMicros());
        }
        return earliest - 1;
    }

    /** What is left to be remembered, now that so much is stable, and so much past. */
    public Optional<RowEntry> settle(RowEntry entry, Context stable, long pastMicros) {
        return merge.settle(entry.state(), stable, pastMicros)
                .map(state -> new RowEntry(
                        state,
                        entry.contested(),
                        entry.believedThere(),
                        entry.seenMicros(),
                        entry.merged(),
                        unstable(entry.recent(), stable)));
    }

    private static List<RecentChange> unstable(List<RecentChange> recent, Context stable) {
        List<RecentChange> unstable = new ArrayList<>(recent);
        unstable.removeIf(change -> stable.covers(change.stamp()));
        return unstable;
    }
}
