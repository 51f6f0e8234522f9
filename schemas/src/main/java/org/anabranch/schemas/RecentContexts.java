package org.anabranch.schemas;

import java.util.Arrays;
import org.anabranch.conflict.Context;
import org.jspecify.annotations.Nullable;

/** The contexts that were read last from a record. Its cells have the same few, so they are found by their bytes and not made again. */
final class RecentContexts {

    private static final int KEPT = 4;

    private final byte[] buffer;
    private final @Nullable Recent[] recent = new @Nullable Recent[KEPT];
    private int next;

    /** A context, and where its bytes are. */
    record Recent(Context context, int start, int end) {
        int length() {
            return end - start;
        }
    }

    RecentContexts(byte[] buffer) {
        this.buffer = buffer;
    }

    /** The one whose bytes are there again, which say themselves where they end; null if it is none of these. */
    @Nullable
    Recent at(int position) {
        for (Recent one : recent) {
            if (one != null
                    && one.length() <= buffer.length - position
                    && Arrays.equals(buffer, one.start(), one.end(), buffer, position, position + one.length())) {
                return one;
            }
        }
        return null;
    }

    void add(Recent one) {
        recent[next] = one;
        next = (next + 1) % KEPT;
    }
}
