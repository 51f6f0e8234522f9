package org.anabranch.schemas;

import java.util.List;

/**
 * Changes of one partition, in the order of their stamps, in one Kafka record: each step on the way pays for a record, not for
 * each row. Never empty.
 */
public record Bundle(List<KeyedChange> changes) implements StreamRecord {

    /**
     * A change and what it is of.
     *
     * @param key table and primary key, see {@link RecordKey}: the same bytes in every region for keys that PostgreSQL holds
     *     equal, and what chose the partition
     */
    @SuppressWarnings("ArrayRecordComponent") // compared in tests only; a list of bytes would cost an object a byte
    public record KeyedChange(byte[] key, Change change) {}

    public Bundle {
        if (changes.isEmpty()) {
            throw new IllegalArgumentException("a bundle without changes");
        }
        changes = List.copyOf(changes);
    }

    public static Bundle of(byte[] key, Change change) {
        return new Bundle(List.of(new KeyedChange(key, change)));
    }
}
