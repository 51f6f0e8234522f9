package org.anabranch.capture;

import java.util.List;

/**
 * How far a table's first copy has come.
 *
 * @param lastKey texts of the last key that Kafka has acknowledged; empty before the first chunk
 * @param rowsCopied rows up to there
 * @param done whether nothing is left
 */
record CopyPosition(List<String> lastKey, long rowsCopied, boolean done) {

    static final CopyPosition NOTHING = new CopyPosition(List.of(), 0, false);

    CopyPosition {
        lastKey = List.copyOf(lastKey);
    }
}
