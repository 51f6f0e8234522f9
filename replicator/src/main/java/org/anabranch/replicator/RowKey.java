package org.anabranch.replicator;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A record's key, compared by its bytes. */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode see to it
record RowKey(byte[] bytes) {

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RowKey key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
