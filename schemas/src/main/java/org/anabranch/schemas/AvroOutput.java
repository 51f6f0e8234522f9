package org.anabranch.schemas;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes Avro's binary encoding into a buffer that grows and is used again. Avro's own encoder goes through a datum writer
 * and generic records; this one is called once per value of every row.
 */
final class AvroOutput {

    private static final int SIZE_AT_FIRST = 512;
    private static final int KEPT_BYTES_MAX = 1024 * 1024;

    private byte[] buffer = new byte[SIZE_AT_FIRST];
    private int size;

    /** Gives back what a large row has taken. */
    void reset() {
        size = 0;
        if (buffer.length > KEPT_BYTES_MAX) {
            buffer = new byte[SIZE_AT_FIRST];
        }
    }

    byte[] toBytes() {
        return Arrays.copyOf(buffer, size);
    }

    int size() {
        return size;
    }

    void writeRaw(byte[] bytes) {
        ensure(bytes.length);
        System.arraycopy(bytes, 0, buffer, size, bytes.length);
        size += bytes.length;
    }

    /** What another holds. */
    void write(AvroOutput other) {
        ensure(other.size);
        System.arraycopy(other.buffer, 0, buffer, size, other.size);
        size += other.size;
    }

    /** Eight bytes, most significant first. */
    void writeFixed64(long value) {
        ensure(Long.BYTES);
        for (int shift = 56; shift >= 0; shift -= 8) {
            buffer[size++] = (byte) (value >>> shift);
        }
    }

    void writeBoolean(boolean value) {
        ensure(1);
        buffer[size++] = (byte) (value ? 1 : 0);
    }

    /** An int or a long: zigzag, then seven bits a byte. */
    void writeLong(long value) {
        ensure(10);
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7FL) != 0) {
            buffer[size++] = (byte) (rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        buffer[size++] = (byte) rest;
    }

    void writeString(String text) {
        writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    void writeBytes(byte[] bytes) {
        writeLong(bytes.length);
        writeRaw(bytes);
    }

    private void ensure(int more) {
        if (buffer.length - size < more) {
            buffer = Arrays.copyOf(buffer, Math.max(Math.addExact(size, more), buffer.length * 2));
        }
    }
}
