package org.anabranch.replicator;

import java.util.List;
import org.anabranch.schemas.TableName;

/** Which regions write a table. May be asked by any thread. */
@FunctionalInterface
public interface TableWriters {

    /** Nothing is known of any table. */
    TableWriters UNKNOWN = table -> List.of();

    /** The regions that write it; empty for a table that is not replicated. */
    List<String> of(TableName table);

    /**
     * Whether rows of one can lose their parents in the other though each region keeps its own in order. Where one region writes
     * both it cannot be: whole transactions come from there, in order.
     */
    default boolean mayPart(TableName child, TableName parent) {
        List<String> ofChild = of(child);
        List<String> ofParent = of(parent);
        boolean areReplicated = !ofChild.isEmpty() && !ofParent.isEmpty();
        return areReplicated && !(ofChild.size() == 1 && ofChild.equals(ofParent));
    }
}
