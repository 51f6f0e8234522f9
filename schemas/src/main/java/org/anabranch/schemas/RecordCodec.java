package org.anabranch.schemas;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.anabranch.conflict.Stamp;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Bundles of changes and epoch markers as Avro single-object encoding of two fixed schemas, so that stock Avro can read them. What is
 * written by this version's schemas is read by hand; what another version wrote, by Avro's schema resolution, once
 * {@link #learn} has been told its schema (the schemas topic has it).
 *
 * <p>Not thread-safe: one for each thread.
 */
public final class RecordCodec {

    private static final Schema BUNDLE = SingleObject.load("bundle.avsc");
    private static final Schema MARKER = SingleObject.load("epoch-marker.avsc");
    private static final long BUNDLE_FINGERPRINT = SchemaNormalization.parsingFingerprint64(BUNDLE);
    private static final long MARKER_FINGERPRINT = SchemaNormalization.parsingFingerprint64(MARKER);

    private static final int VALUE_NULL = 0;
    private static final int VALUE_TEXT = 1;
    private static final int VALUE_UNCHANGED = 2;

    private static final Operation[] OPERATIONS = Operation.values();

    private final AvroOutput output = new AvroOutput();
    private final Map<Long, Schema> learnt = new ConcurrentHashMap<>();
    private final OriginNames origins = new OriginNames();

    /** The schemas that this version writes, to be published before the first record. */
    public static Map<Long, Schema> written() {
        return Map.of(BUNDLE_FINGERPRINT, BUNDLE, MARKER_FINGERPRINT, MARKER);
    }

    /** Makes records that another version wrote readable. */
    public void learn(Schema schema) {
        learnt.put(SchemaNormalization.parsingFingerprint64(schema), schema);
    }

    /** Whether a record is a marker of this version, by its first bytes. */
    public static boolean isMarker(byte[] bytes) {
        return SingleObject.isOf(bytes, MARKER_FINGERPRINT);
    }

    public byte[] encode(StreamRecord record) {
        output.reset();
        switch (record) {
            case Bundle bundle -> {
                beginBundle(output);
                bundle.changes().forEach(keyed -> writeKeyed(output, keyed.key(), keyed.change()));
                endBundle(output);
            }
            case EpochMarker marker -> write(marker);
        }
        return output.toBytes();
    }

    static void beginBundle(AvroOutput output) {
        SingleObject.begin(output, BUNDLE_FINGERPRINT);
    }

    /** A block of one: Avro's arrays come in blocks, and how many changes will follow is not known yet. */
    static void writeKeyed(AvroOutput output, byte[] key, Change change) {
        output.writeLong(1);
        output.writeBytes(key);
        output.writeLong(avroIndex(change.operation()));
        output.writeString(change.origin());
        output.writeLong(change.hybridMicros());
        output.writeLong(change.number());
        output.writeLong(change.commitMicros());
        output.writeFixed64(change.tableFingerprint());
        writeRow(output, change.before());
        writeRow(output, change.after());
        Contexts.writeNullable(output, change.context());
        Change.Verdict verdict = change.verdict();
        if (verdict == null) {
            output.writeLong(0);
        } else {
            output.writeLong(1);
            output.writeLong(verdict.seenMicros());
            output.writeBoolean(verdict.mayBeDeletedUnseen());
            Stamp claim = verdict.claim();
            output.writeLong(claim == null ? 0 : 1);
            if (claim != null) {
                Contexts.write(output, claim);
            }
        }
        ConflictCodec.write(output, change.conflicts());
    }

    static void endBundle(AvroOutput output) {
        output.writeLong(0);
    }

    private void write(EpochMarker marker) {
        SingleObject.begin(output, MARKER_FINGERPRINT);
        output.writeString(marker.origin());
        output.writeLong(marker.hybridMicros());
        output.writeLong(marker.number());
        output.writeLong(marker.commitMicros());
        output.writeLong(marker.walPosition());
        output.writeBoolean(marker.copying());
        output.writeLong(marker.untilMicros());
        Contexts.writeNullable(output, marker.context());
    }

    @SuppressWarnings("EnumOrdinal") // Avro's enum has the same order, and a test holds the two together
    private static int avroIndex(Operation operation) {
        return operation.ordinal();
    }

    private static void writeRow(AvroOutput output, @Nullable Row row) {
        if (row == null) {
            output.writeLong(0);
            return;
        }
        output.writeLong(1);
        if (row.size() > 0) {
            output.writeLong(row.size());
            for (int i = 0; i < row.size(); i++) {
                writeValue(output, row, i);
            }
        }
        output.writeLong(0); // the end of the array's blocks
    }

    private static void writeValue(AvroOutput output, Row row, int column) {
        String text = row.text(column);
        if (text == null) {
            output.writeLong(VALUE_NULL);
        } else if (row.isUnchanged(column)) {
            output.writeLong(VALUE_UNCHANGED);
        } else {
            output.writeLong(VALUE_TEXT);
            output.writeString(text);
        }
    }

    /**
     * @throws UnreadableRecordException if the bytes are no record of ours, are cut short, or were written by a schema that
     *     is not known (yet)
     */
    public StreamRecord decode(byte[] bytes) throws UnreadableRecordException {
        long fingerprint = SingleObject.fingerprint(bytes);
        try {
            AvroInput input = new AvroInput(bytes, SingleObject.HEADER_BYTES, origins);
            if (fingerprint == BUNDLE_FINGERPRINT) {
                return readBundle(input);
            }
            if (fingerprint == MARKER_FINGERPRINT) {
                return readMarker(input);
            }
            return resolve(bytes, fingerprint);
        } catch (IndexOutOfBoundsException | IllegalArgumentException | NegativeArraySizeException e) {
            throw SingleObject.damaged(bytes, e);
        }
    }

    private Bundle readBundle(AvroInput input) {
        List<Bundle.KeyedChange> changes = new ArrayList<>();
        for (int block = input.readBlock(); block != 0; block = input.readBlock()) {
            for (int i = 0; i < block; i++) {
                changes.add(new Bundle.KeyedChange(input.readBytes(), readChange(input)));
            }
        }
        return new Bundle(changes);
    }

    private Change readChange(AvroInput input) {
        Operation operation = OPERATIONS[input.readInt()];
        String origin = input.readOrigin();
        Stamp stamp = new Stamp(input.readLong(), input.readInt(), origin);
        return new Change(
                operation,
                stamp,
                input.readLong(),
                input.readFixed64(),
                readRow(input),
                readRow(input),
                Contexts.readNullable(input),
                readVerdict(input),
                ConflictCodec.read(input));
    }

    private static Change.@Nullable Verdict readVerdict(AvroInput input) {
        if (!input.readBranch()) {
            return null;
        }
        return new Change.Verdict(
                input.readLong(), input.readBoolean(), input.readBranch() ? Contexts.readStamp(input) : null);
    }

    private EpochMarker readMarker(AvroInput input) {
        return new EpochMarker(
                input.readOrigin(),
                input.readLong(),
                input.readInt(),
                input.readLong(),
                input.readLong(),
                input.readBoolean(),
                input.readLong(),
                Contexts.readNullable(input));
    }

    private static @Nullable Row readRow(AvroInput input) {
        if (input.readLong() == 0) {
            return null;
        }
        @Nullable String[] texts = new @Nullable String[0];
        for (int block = input.readBlock(); block != 0; block = input.readBlock()) {
            int from = texts.length;
            texts = Arrays.copyOf(texts, from + block);
            for (int i = from; i < texts.length; i++) {
                texts[i] = readValue(input);
            }
        }
        return Row.of(texts);
    }

    private static @Nullable String readValue(AvroInput input) {
        return switch (input.readInt()) {
            case VALUE_NULL -> null;
            case VALUE_TEXT -> input.readString();
            case VALUE_UNCHANGED -> Row.UNCHANGED;
            default -> throw new IllegalArgumentException("a value is neither null nor text nor unchanged");
        };
    }

    private StreamRecord resolve(byte[] bytes, long fingerprint) throws UnreadableRecordException {
        Schema writer = learnt.get(fingerprint);
        if (writer == null) {
            throw SingleObject.unknown(fingerprint);
        }
        boolean isBundle = writer.getFullName().equals(BUNDLE.getFullName());
        GenericRecord generic = SingleObject.resolve(bytes, writer, isBundle ? BUNDLE : MARKER);
        return isBundle ? GenericRecords.bundle(generic) : GenericRecords.marker(generic);
    }

    /** Big-endian, as {@link AvroOutput#writeFixed64} writes it. */
    static long fixed64(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getLong();
    }
}
