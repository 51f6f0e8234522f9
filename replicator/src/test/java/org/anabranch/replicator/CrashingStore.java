package org.anabranch.replicator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A store that remembers in what order it was written, and so what may be left of it after a crash. */
final class CrashingStore implements RowStore {

    private final NavigableMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
    private final List<Put> puts = new ArrayList<>();

    @SuppressWarnings("ArrayRecordComponent") // compared nowhere
    private record Put(byte[] key, byte @Nullable [] value) {}

    /** How often it was written. */
    int puts() {
        return puts.size();
    }

    /**
     * What Kafka Streams finds after a crash.
     *
     * @param onDisk how many writes had come to the disk
     * @param checkpoint up to where the disk is known to have them all
     * @param inChangelog how many had come to the changelog, which is read from the checkpoint on
     */
    CrashingStore after(int onDisk, int checkpoint, int inChangelog) {
        CrashingStore left = new CrashingStore();
        puts.subList(0, onDisk).forEach(left::apply);
        puts.subList(checkpoint, inChangelog).forEach(left::apply);
        left.entries.forEach((key, value) -> left.puts.add(new Put(key, value)));
        return left;
    }

    private void apply(Put put) {
        if (put.value() == null) {
            entries.remove(put.key());
        } else {
            entries.put(put.key(), put.value());
        }
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        return entries.get(key);
    }

    @Override
    public void put(byte[] key, byte @Nullable [] value) {
        Put put = new Put(key, value);
        puts.add(put);
        apply(put);
    }

    @Override
    public void forEach(byte[] from, byte[] to, int max, BiConsumer<byte[], byte[]> action) {
        List.copyOf(entries.subMap(from, to).entrySet()).stream()
                .limit(max)
                .forEach(entry -> action.accept(entry.getKey(), entry.getValue()));
    }
}
