package org.anabranch.schemas;

import java.util.List;
import org.anabranch.conflict.Stamp;

/**
 * A conflict on its way to the journal: two changes of a row of which neither had seen the other, and what that cost one of them.
 *
 * @param earlier the one with the earlier stamp
 * @param later the other
 * @param losses what only one of them could have as it wanted it
 */
public record ConflictRecord(Side earlier, Side later, List<Loss> losses) {

    /**
     * One of the two.
     *
     * @param stamp when, and where
     * @param commitMicros by its origin's clock
     * @param isDelete whether it left no row
     * @param row what it left, or of a delete what it took away: a JSON object of PostgreSQL's texts by column; long ones are cut
     */
    public record Side(Stamp stamp, long commitMicros, boolean isDelete, String row) {}

    /**
     * @param columns none for the row itself, which one of the two deleted
     * @param policy what decided, as the configuration names it
     * @param winner the region whose change won over the other's
     */
    public record Loss(List<String> columns, String policy, String winner) {
        public Loss {
            columns = List.copyOf(columns);
        }
    }

    public ConflictRecord {
        losses = List.copyOf(losses);
    }
}
