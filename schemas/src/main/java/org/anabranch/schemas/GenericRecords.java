package org.anabranch.schemas;

import java.nio.ByteBuffer;
import java.util.Collection;
import org.anabranch.conflict.Context;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Turns what Avro resolved from another version's schema into our records. */
final class GenericRecords {

    private GenericRecords() {}

    static Bundle bundle(GenericRecord record) {
        return new Bundle(((Collection<?>) record.get("changes"))
                .stream().map(item -> keyed((GenericRecord) item)).toList());
    }

    private static Bundle.KeyedChange keyed(GenericRecord record) {
        ByteBuffer key = (ByteBuffer) record.get("key");
        byte[] bytes = new byte[key.remaining()];
        key.duplicate().get(bytes);
        return new Bundle.KeyedChange(bytes, change((GenericRecord) record.get("change")));
    }

    private static Change change(GenericRecord record) {
        return new Change(
                Operation.valueOf(record.get("operation").toString()),
                Contexts.stamp(record),
                (Long) record.get("commitMicros"),
                RecordCodec.fixed64(((GenericFixed) record.get("table")).bytes()),
                row((Collection<?>) record.get("before")),
                row((Collection<?>) record.get("after")),
                context((Collection<?>) record.get("context")),
                verdict((GenericRecord) record.get("verdict")),
                ConflictCodec.of((Collection<?>) record.get("conflicts")));
    }

    private static @Nullable Context context(@Nullable Collection<?> stamps) {
        return stamps == null ? null : Contexts.of(stamps);
    }

    private static Change.@Nullable Verdict verdict(@Nullable GenericRecord record) {
        if (record == null) {
            return null;
        }
        GenericRecord claim = (GenericRecord) record.get("claim");
        return new Change.Verdict(
                (Long) record.get("seenMicros"),
                (Boolean) record.get("mayBeDeletedUnseen"),
                claim == null ? null : Contexts.stamp(claim));
    }

    static EpochMarker marker(GenericRecord record) {
        return new EpochMarker(
                record.get("origin").toString(),
                (Long) record.get("hybridMicros"),
                (Integer) record.get("number"),
                (Long) record.get("commitMicros"),
                (Long) record.get("walPosition"),
                (Boolean) record.get("copying"),
                (Long) record.get("untilMicros"),
                context((Collection<?>) record.get("context")));
    }

    private static @Nullable Row row(@Nullable Collection<?> values) {
        return values == null
                ? null
                : Row.of(values.stream().map(GenericRecords::text).toArray(String[]::new));
    }

    private static @Nullable String text(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case GenericRecord unchanged -> Row.UNCHANGED;
            default -> value.toString();
        };
    }
}
