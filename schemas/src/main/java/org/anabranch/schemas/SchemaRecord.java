package org.anabranch.schemas;

import java.nio.charset.StandardCharsets;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** What stands in an origin's schemas topic, under a key that begins with its kind. */
public sealed interface SchemaRecord {

    /** The record's key in the compacted topic. */
    byte[] key();

    /** The record's value. */
    byte[] value();

    /** A table's schema, which changes name by its fingerprint. */
    record OfTable(TableSchema schema) implements SchemaRecord {
        @Override
        public byte[] key() {
            return utf8("table:" + Long.toHexString(schema.fingerprint()));
        }

        @Override
        public byte[] value() {
            return Json.write(schema);
        }
    }

    /** An Avro schema that the origin's records are written with. */
    record OfAvro(long fingerprint, Schema schema) implements SchemaRecord {
        @Override
        public byte[] key() {
            return utf8("avro:" + Long.toHexString(fingerprint));
        }

        @Override
        public byte[] value() {
            return utf8(schema.toString());
        }
    }

    /**
     * Null for a kind that this version does not know.
     *
     * @throws UnreadableRecordException if the value is not what the key says
     */
    static @Nullable SchemaRecord decode(byte[] key, byte[] value) throws UnreadableRecordException {
        String name = new String(key, StandardCharsets.UTF_8);
        if (name.startsWith("table:")) {
            return new OfTable(Json.read(value, TableSchema.class));
        }
        if (name.startsWith("avro:")) {
            return new OfAvro(
                    Long.parseUnsignedLong(name.substring("avro:".length()), 16),
                    new Schema.Parser().parse(new String(value, StandardCharsets.UTF_8)));
        }
        return null;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
