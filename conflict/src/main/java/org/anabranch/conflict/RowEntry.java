package org.anabranch.conflict;

import java.util.List;

/**
 * What a region's resolver remembers of a row.
 *
 * @param state all that was done to it
 * @param contested whether another region has ever written it, or merging made something else of what its own wrote: only then can the
 *     region's own database hold something else
 * @param believedThere whether the region's database holds the row, once it has what it was last told
 * @param seenMicros commit time of the region's own last change that is merged into the state; 0 for none
 * @param merged of each origin, the newest change that is merged into the state: those of one origin come in their order
 * @param recent its changes that others are still to come beside, as far as they are remembered
 */
public record RowEntry(
        RowState state,
        boolean contested,
        boolean believedThere,
        long seenMicros,
        Context merged,
        List<RecentChange> recent) {

    public RowEntry {
        recent = List.copyOf(recent);
    }
}
