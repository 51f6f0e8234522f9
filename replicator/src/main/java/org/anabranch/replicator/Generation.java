package org.anabranch.replicator;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Tells the answers of a resolver from those of one that was replaced and does not know it. A resolver begins with a record of its
 * own in its partition of the resolved topic, and is named by that record's offset: so no later one has a smaller name. Every answer
 * carries the name as a header, and the applier passes over what comes from an earlier resolver than the last that has begun.
 */
final class Generation {

    static final String HEADER = "generation";

    /** The header's value in the record with which a generation begins; its offset is not known yet. */
    static final byte[] BEGIN = {};

    private Generation() {}

    static byte[] encode(long offset) {
        return ByteBuffer.allocate(Long.BYTES).putLong(offset).array();
    }

    /** Null where there is no such header, or one that begins a generation. */
    static @Nullable Long decode(byte @Nullable [] header) {
        return header == null || header.length != Long.BYTES
                ? null
                : ByteBuffer.wrap(header).getLong();
    }

    static boolean isBegin(byte @Nullable [] header) {
        return header != null && header.length == 0;
    }
}
