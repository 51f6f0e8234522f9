package org.anabranch.schemas;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The key of a record in a changes topic: the table and the row's primary key, the same bytes in every region for keys that
 * PostgreSQL holds equal. Layout: schema, table, then each key value, each as a big-endian length of four bytes and UTF-8.
 *
 * @param table the table
 * @param values the primary key's values as canonical text, in the key's order; empty for a TRUNCATE
 */
public record RecordKey(TableName table, List<String> values) {

    public RecordKey {
        values = List.copyOf(values);
    }

    public byte[] encode() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(64);
        write(out, table.schema());
        write(out, table.table());
        values.forEach(value -> write(out, value));
        return out.toByteArray();
    }

    /** @throws IllegalArgumentException if the bytes are no key of ours */
    public static RecordKey decode(byte[] key) {
        ByteBuffer in = ByteBuffer.wrap(key);
        TableName table = new TableName(read(in), read(in));
        List<String> values = new ArrayList<>();
        while (in.hasRemaining()) {
            values.add(read(in));
        }
        return new RecordKey(table, values);
    }

    private static void write(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        out.writeBytes(bytes);
    }

    private static String read(ByteBuffer in) {
        int length = in.remaining() < Integer.BYTES ? -1 : in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new IllegalArgumentException("not the key of a change: a length of " + length + " at byte "
                    + in.position() + " of " + in.limit());
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
