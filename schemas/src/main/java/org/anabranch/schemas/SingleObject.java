package org.anabranch.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;

/** Avro's single-object encoding: a header that names the writer's schema, and then the record. */
final class SingleObject {

    static final int HEADER_BYTES = 10;

    private SingleObject() {}

    /** A schema of ours. */
    static Schema load(String resource) {
        try (InputStream in = SingleObject.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + resource);
            }
            return new Schema.Parser().parse(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void begin(AvroOutput output, long fingerprint) {
        byte[] header = new byte[HEADER_BYTES];
        header[0] = (byte) 0xC3;
        header[1] = 1;
        for (int i = 0; i < Long.BYTES; i++) {
            header[2 + i] = (byte) (fingerprint >>> 8 * i);
        }
        output.writeRaw(header);
    }

    /** Whether it was written by that schema, or claims so. */
    static boolean isOf(byte[] bytes, long fingerprint) {
        try {
            return fingerprint(bytes) == fingerprint;
        } catch (UnreadableRecordException e) {
            return false;
        }
    }

    /** Of the schema that it was written by. */
    static long fingerprint(byte[] bytes) throws UnreadableRecordException {
        if (bytes.length < HEADER_BYTES || bytes[0] != (byte) 0xC3 || bytes[1] != 1) {
            throw new UnreadableRecordException(
                    "a record of " + bytes.length + " bytes does not begin as Avro single objects do (C3 01)", null);
        }
        long fingerprint = 0;
        for (int i = Long.BYTES - 1; i >= 0; i--) {
            fingerprint = fingerprint << 8 | bytes[2 + i] & 0xFF;
        }
        return fingerprint;
    }

    /** Reads by the reader's schema what was written by another version's. */
    static GenericRecord resolve(byte[] bytes, Schema writer, Schema reader) throws UnreadableRecordException {
        try {
            return new GenericDatumReader<GenericRecord>(writer, reader)
                    .read(
                            null,
                            DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, null));
        } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException e) {
            throw damaged(bytes, e);
        }
    }

    static UnreadableRecordException damaged(byte[] bytes, Exception cause) {
        return new UnreadableRecordException(
                "a record of " + bytes.length + " bytes is damaged: " + cause.getMessage(), cause);
    }

    /** Its schema is not known, and may come. */
    static UnreadableRecordException unknown(long fingerprint) {
        return new UnreadableRecordException(
                "a record was written by the Avro schema " + Long.toHexString(fingerprint)
                        + ", which is not in the schemas topic (yet)",
                null,
                true);
    }
}
