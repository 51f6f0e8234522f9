package org.anabranch.capture;

import org.anabranch.schemas.Seen;

/**
 * How far capture has come: everything that was committed up to here is acknowledged by Kafka. Stored in the positions
 * topic before the slot is moved there.
 *
 * @param walPosition the end of a transaction in the WAL
 * @param hybridMicros the hybrid clock at that point, from which the same WAL gets the same stamps again
 * @param seen what of other regions had been seen at that point, from which the same WAL gets the same contexts again
 */
record Position(long walPosition, long hybridMicros, Seen seen) {

    /** Nothing of other regions was seen. */
    Position(long walPosition, long hybridMicros) {
        this(walPosition, hybridMicros, Seen.NOTHING);
    }

    /** As PostgreSQL writes it: 16/B374D848. */
    static String text(long walPosition) {
        return "%X/%X".formatted(walPosition >>> 32, walPosition & 0xFFFF_FFFFL);
    }

    static long parse(String text) {
        int slash = text.indexOf('/');
        return Long.parseLong(text.substring(0, slash), 16) << 32 | Long.parseLong(text.substring(slash + 1), 16);
    }
}
