package org.anabranch.schemas;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The part of its origin's history that a record holds of a partition: all there is after one stamp, up to another. It travels
 * as the header {@link #HEADER} of the Kafka record, unchanged through links and resolvers, and joins the records of a partition
 * to a chain: one whose beginning lies beyond what was read before it has lost its predecessor.
 *
 * @param origin the region that wrote it
 * @param afterHybridMicros hybrid time of the newest change or marker that was written before it
 * @param afterNumber its number within the transaction, {@link EpochMarker#WHOLE} for all of it
 * @param hybridMicros hybrid time of the last change in it, or what a marker says
 * @param number its number within the transaction, {@link EpochMarker#WHOLE} for all of it
 */
public record Span(String origin, long afterHybridMicros, int afterNumber, long hybridMicros, int number) {

    public static final String HEADER = "span";

    private static final int NUMBERS_BYTES = 2 * (Long.BYTES + Integer.BYTES);

    /** The header's value: the four numbers, big-endian, then the origin in UTF-8. */
    public byte[] encode() {
        byte[] name = origin.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(NUMBERS_BYTES + name.length)
                .putLong(afterHybridMicros)
                .putInt(afterNumber)
                .putLong(hybridMicros)
                .putInt(number)
                .put(name)
                .array();
    }

    /** @throws UnreadableRecordException if there is no such header, or it is none of ours */
    public static Span decode(byte @Nullable [] header) throws UnreadableRecordException {
        if (header == null) {
            throw new UnreadableRecordException("a record lacks the header \"" + HEADER + "\"", null);
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(header);
            long afterHybridMicros = bytes.getLong();
            int afterNumber = bytes.getInt();
            long hybridMicros = bytes.getLong();
            int number = bytes.getInt();
            String origin = StandardCharsets.UTF_8.decode(bytes).toString();
            return new Span(origin, afterHybridMicros, afterNumber, hybridMicros, number);
        } catch (BufferUnderflowException e) {
            throw new UnreadableRecordException(
                    "a record's header \"" + HEADER + "\" has " + header.length + " bytes, too few", e);
        }
    }
}
