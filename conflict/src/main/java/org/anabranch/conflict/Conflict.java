package org.anabranch.conflict;

import java.util.List;

/**
 * Two changes of a row of which neither has seen the other, and what that cost one of them.
 *
 * @param earlier the one with the earlier stamp
 * @param later the other
 * @param losses at least one
 */
public record Conflict(RecentChange earlier, RecentChange later, List<Loss> losses) {

    /**
     * What only one of the two could have as it wanted it.
     *
     * @param columns by index, those in which the two differ; none for the row itself, which one of them deleted
     * @param policy what decided, as the configuration names it
     * @param winner the region whose change it is that won over the other's
     */
    public record Loss(List<Integer> columns, String policy, String winner) {
        public Loss {
            columns = List.copyOf(columns);
        }
    }

    public Conflict {
        losses = List.copyOf(losses);
    }
}
