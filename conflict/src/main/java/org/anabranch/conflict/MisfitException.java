package org.anabranch.conflict;

import java.util.List;

/** A row's state was merged by policies of other kinds than those that its table has now: nothing can go on from it. */
public final class MisfitException extends RuntimeException {

    MisfitException(String message) {
        super(message);
    }

    MisfitException(CellParts parts, List<Integer> columns, String policy) {
        this("columns " + columns + ", counted from 0, were merged as " + parts.kind() + ", and their policy is "
                + policy + " now");
    }
}
