package org.anabranch.schemas;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/** Reads what {@link AvroOutput} wrote. Runs past the end as an {@link IndexOutOfBoundsException}. */
final class AvroInput {

    private final byte[] buffer;
    private final OriginNames origins;
    private final RecentContexts recentContexts;
    private int position;

    AvroInput(byte[] buffer, int position, OriginNames origins) {
        this.origins = origins;
        this.recentContexts = new RecentContexts(buffer);
        this.buffer = buffer;
        this.position = position;
    }

    int position() {
        return position;
    }

    void skip(int bytes) {
        position += bytes;
    }

    RecentContexts recentContexts() {
        return recentContexts;
    }

    long readFixed64() {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = value << 8 | buffer[position++] & 0xFF;
        }
        return value;
    }

    boolean readBoolean() {
        return buffer[position++] != 0;
    }

    int readInt() {
        return (int) readLong();
    }

    long readLong() {
        long value = 0;
        int shift = 0;
        byte next;
        do {
            next = buffer[position++];
            value |= (next & 0x7FL) << shift;
            shift += 7;
        } while (next < 0);
        return value >>> 1 ^ -(value & 1);
    }

    String readString() {
        int length = readInt();
        String text = new String(buffer, position, length, StandardCharsets.UTF_8);
        position += length;
        return text;
    }

    /** Of a union of null and something else: whether something else follows. */
    boolean readBranch() {
        long branch = readLong();
        if (branch != 0 && branch != 1) {
            throw new IllegalArgumentException("a union of two has no branch " + branch);
        }
        return branch == 1;
    }

    String readOrigin() {
        int length = readInt();
        Objects.checkFromIndexSize(position, length, buffer.length);
        String name = origins.name(buffer, position, position + length);
        position += length;
        return name;
    }

    /** How many items an array's next block has, of at least a byte each; 0 at the array's end. */
    int readBlock() {
        long items = readLong();
        if (items < 0 || items > buffer.length - position) {
            throw new IllegalArgumentException("an array's block has " + items + " items");
        }
        return (int) items;
    }

    byte[] readBytes() {
        int length = readInt();
        Objects.checkFromIndexSize(position, length, buffer.length);
        byte[] bytes = Arrays.copyOfRange(buffer, position, position + length);
        position += length;
        return bytes;
    }
}
