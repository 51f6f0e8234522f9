package org.anabranch.schemas;

/** Encodes a {@link Bundle} change by change, as they come. Not thread-safe. */
public final class BundleWriter {

    private final AvroOutput output = new AvroOutput();
    private int changes;

    public void add(byte[] key, Change change) {
        if (changes == 0) {
            RecordCodec.beginBundle(output);
        }
        RecordCodec.writeKeyed(output, key, change);
        changes++;
    }

    public boolean isEmpty() {
        return changes == 0;
    }

    public int sizeBytes() {
        return output.size();
    }

    /** What was added since the last time, as a record's value; at least one change. */
    public byte[] take() {
        if (isEmpty()) {
            throw new IllegalStateException("a bundle without changes");
        }
        RecordCodec.endBundle(output);
        byte[] bytes = output.toBytes();
        output.reset();
        changes = 0;
        return bytes;
    }
}
