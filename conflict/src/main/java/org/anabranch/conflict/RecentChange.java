package org.anabranch.conflict;

import java.util.List;

/**
 * A change of a row as it is remembered until all that is still to come has seen it: until then another may come that has not,
 * and is in conflict with it.
 *
 * @param stamp when, and where
 * @param context what its writer may have seen
 * @param commitMicros by its origin's clock
 * @param isDelete whether it left no row
 * @param row what it left, or of a delete what it took away; long values are cut
 * @param rules places of the rules whose columns it wrote, where another write can take them from it
 */
public record RecentChange(
        Stamp stamp, Context context, long commitMicros, boolean isDelete, Values row, List<Integer> rules) {

    public RecentChange {
        rules = List.copyOf(rules);
    }

    /** The same with another row. */
    public RecentChange with(Values other) {
        return new RecentChange(stamp, context, commitMicros, isDelete, other, rules);
    }

    private boolean follows(Stamp other) {
        return other.origin().equals(stamp.origin()) ? other.compareTo(stamp) < 0 : context.covers(other);
    }

    /** Whether neither was there to be seen by the writer of the other. A change is not in conflict with itself. */
    boolean isBeside(RecentChange other) {
        return !stamp.equals(other.stamp) && !follows(other.stamp) && !other.follows(stamp);
    }

    int characters() {
        int characters = 0;
        for (int i = 0; i < row.size(); i++) {
            String text = row.get(i);
            characters += text == null ? 0 : text.length();
        }
        return characters;
    }
}
