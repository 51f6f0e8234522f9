package org.anabranch.replicator;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What a resolver remembers of one partition, by keys. Durable where its position in the changes topics is. */
interface RowStore {

    byte @Nullable [] get(byte[] key);

    /** @param value null removes it */
    void put(byte[] key, byte @Nullable [] value);

    /**
     * Looks at entries in the order of their keys.
     *
     * @param from where to begin
     * @param to where to end, itself left out
     * @param max no more than so many
     */
    void forEach(byte[] from, byte[] to, int max, BiConsumer<byte[], byte[]> action);
}
