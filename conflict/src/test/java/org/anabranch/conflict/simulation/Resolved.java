package org.anabranch.conflict.simulation;

import org.anabranch.conflict.Answer;

/** What a resolver of some generation writes for its region's applier. */
sealed interface Resolved {

    int generation();

    /** The first that a resolver writes. */
    record Begins(int generation) implements Resolved {}

    /** @param merged up to where in the region's WAL its changes of the row are merged into the answer */
    record Row(int generation, String key, Answer answer, int merged) implements Resolved {}

    record Marker(int generation, LogRecord record) implements Resolved {}
}
