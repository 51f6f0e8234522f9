package org.anabranch.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Stamp;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.message.BinaryMessageDecoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordCodecTest {

    private static final Row SOME_ROW = Row.of("1", null, "käse \0 \uD83E\uDDC0", "", Row.UNCHANGED);

    private static final byte[] KEY = {1, 0, -1};

    private static final Context SOME_CONTEXT =
            Context.of(new Stamp(5, 6, "eu"), new Stamp(7, Integer.MAX_VALUE, "us"));

    private static final ConflictRecord SOME_CONFLICT = new ConflictRecord(
            new ConflictRecord.Side(new Stamp(5, 6, "eu"), -1, true, "{\"id\":\"käse\"}"),
            new ConflictRecord.Side(new Stamp(7, 0, "us"), Long.MAX_VALUE, false, "{}"),
            List.of(
                    new ConflictRecord.Loss(List.of(), "delete: wins", "eu"),
                    new ConflictRecord.Loss(List.of("a", "b"), "last-writer-wins", "us")));

    private final RecordCodec codec = new RecordCodec();

    @Test
    void whatIsWrittenIsReadBack() throws Exception {
        List<Change> changes = List.of(
                change(Operation.INSERT, null, SOME_ROW),
                change(Operation.UPDATE, Row.of("0", Row.UNCHANGED), SOME_ROW),
                change(Operation.DELETE, SOME_ROW, null),
                change(Operation.TRUNCATE, null, null),
                change(Operation.COPY, null, Row.of()),
                merge(SOME_ROW, null, SOME_CONTEXT),
                merge(null, SOME_ROW, Context.NOTHING),
                conflicting(merge(null, SOME_ROW, SOME_CONTEXT), SOME_CONFLICT, SOME_CONFLICT));
        BundleWriter writer = new BundleWriter();
        changes.forEach(change -> writer.add(KEY, change));

        assertThat(changes((Bundle) codec.decode(writer.take()))).isEqualTo(changes);

        EpochMarker marker =
                new EpochMarker("hub", Long.MAX_VALUE, EpochMarker.WHOLE, -1, Long.MIN_VALUE, true, -2, SOME_CONTEXT);
        assertThat(codec.decode(codec.encode(marker))).isEqualTo(marker);
    }

    @Test
    void aBundleThatIsTakenLeavesNothingForTheNext() throws Exception {
        BundleWriter writer = new BundleWriter();
        writer.add(KEY, change(Operation.TRUNCATE, null, null));
        writer.take();
        assertThat(writer.isEmpty()).isTrue();
        assertThatThrownBy(writer::take).isInstanceOf(IllegalStateException.class);
        writer.add(KEY, change(Operation.INSERT, null, SOME_ROW));

        Bundle bundle = (Bundle) codec.decode(writer.take());

        assertThat(changes(bundle)).containsExactly(change(Operation.INSERT, null, SOME_ROW));
        assertThat(bundle.changes().getFirst().key()).isEqualTo(KEY);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void randomBundlesAreReadBackAndByStockAvroToo(long seed) throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            List<Change> changes = random.ints(1L + random.nextInt(8))
                    .mapToObj(any -> randomChange(random))
                    .toList();
            byte[] bytes = codec.encode(bundle(changes));

            assertThat(changes((Bundle) codec.decode(bytes)))
                    .as("seed %s, case %s", seed, i)
                    .isEqualTo(changes);
            Bundle generic = GenericRecords.bundle(stockAvro("Bundle").decode(bytes));
            assertThat(changes(generic)).as("seed %s, case %s", seed, i).isEqualTo(changes);
            assertThat(generic.changes().getFirst().key()).isEqualTo(KEY);
        }
    }

    @Test
    void theOrderOfTheOperationsIsTheAvroEnums() {
        Schema operation = change(written("Bundle")).getField("operation").schema();

        assertThat(operation.getEnumSymbols())
                .isEqualTo(Arrays.stream(Operation.values()).map(Enum::name).toList());
    }

    @Test
    void anOldReaderReadsWhatANewerVersionWrote() throws Exception {
        Schema newer = new Schema.Parser()
                .parse(written("EpochMarker")
                        .toString()
                        .replace("\"fields\":[", "\"fields\":[{\"name\":\"shard\",\"type\":\"int\",\"default\":0},"));
        GenericRecord written = new GenericData.Record(newer);
        written.put("shard", 7);
        written.put("origin", "hub");
        written.put("hybridMicros", 5L);
        written.put("number", 6);
        written.put("commitMicros", 4L);
        written.put("walPosition", 3L);
        written.put("copying", true);
        written.put("untilMicros", 4L);
        byte[] bytes = OtherVersions.singleObject(newer, written);

        assertThatThrownBy(() -> codec.decode(bytes))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining("not in the schemas topic (yet)");
        codec.learn(newer);
        assertThat(codec.decode(bytes)).isEqualTo(new EpochMarker("hub", 5, 6, 4, 3, true));
    }

    private static Schema without(Schema schema, String... fields) {
        Schema older = schema;
        for (String field : fields) {
            older = OtherVersions.without(older, field);
        }
        return older;
    }

    @Test
    void aNewReaderReadsWhatAnOlderVersionWrote() throws Exception {
        Schema older = without(written("EpochMarker"), "context", "untilMicros", "copying");
        GenericRecord written = new GenericData.Record(older);
        written.put("origin", "hub");
        written.put("hybridMicros", 5L);
        written.put("number", 6);
        written.put("commitMicros", 4L);
        written.put("walPosition", 3L);
        codec.learn(older);

        assertThat(codec.decode(OtherVersions.singleObject(older, written)))
                .isEqualTo(new EpochMarker("hub", 5, 6, 4, 3, false, 0, null));
    }

    @Test
    void aChangeOfAnotherVersionIsReadWithItsHoles() throws Exception {
        Schema newer = new Schema.Parser()
                .parse(written("Bundle")
                        .toString()
                        .replace(
                                "\"name\":\"operation\"",
                                "\"name\":\"more\",\"type\":\"string\",\"default\":\"\"},{\"name\":\"operation\""));
        Change change = change(Operation.UPDATE, null, SOME_ROW);
        byte[] bytes = codec.encode(Bundle.of(KEY, change));
        GenericRecord ours = new GenericDatumReader<GenericRecord>(written("Bundle"), newer)
                .read(null, DecoderFactory.get().binaryDecoder(bytes, 10, bytes.length - 10, null));
        codec.learn(newer);

        assertThat(changes((Bundle) codec.decode(OtherVersions.singleObject(newer, ours))))
                .containsExactly(change);
    }

    @Test
    void aMergeOfAVersionWithoutConflictsHasNone() throws Exception {
        Change merge = merge(null, SOME_ROW, SOME_CONTEXT);
        Schema older = new Schema.Parser()
                .parse(written("Bundle").toString().replaceFirst(",\\{\"name\":\"conflicts\".*\"default\":null}", ""));
        assertThat(change(older).getField("conflicts")).isNull();
        byte[] bytes = codec.encode(Bundle.of(KEY, conflicting(merge, SOME_CONFLICT)));
        GenericRecord theirs = new GenericDatumReader<GenericRecord>(written("Bundle"), older)
                .read(null, DecoderFactory.get().binaryDecoder(bytes, 10, bytes.length - 10, null));
        codec.learn(older);

        assertThat(changes((Bundle) codec.decode(OtherVersions.singleObject(older, theirs))))
                .containsExactly(merge);
    }

    @Test
    void damagedBytesAreRefusedAndNeverTakenForARecord() {
        byte[] good = codec.encode(Bundle.of(KEY, change(Operation.INSERT, null, SOME_ROW)));
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> codec.decode(cut)).isInstanceOf(UnreadableRecordException.class);
        }
        assertThatThrownBy(() -> codec.decode("{\"json\": true}".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .hasMessageContaining("C3 01");
    }

    private static Bundle bundle(List<Change> changes) {
        return new Bundle(changes.stream()
                .map(change -> new Bundle.KeyedChange(KEY, change))
                .toList());
    }

    private static List<Change> changes(Bundle bundle) {
        return bundle.changes().stream().map(Bundle.KeyedChange::change).toList();
    }

    private static Schema change(Schema bundle) {
        return bundle.getField("changes")
                .schema()
                .getElementType()
                .getField("change")
                .schema();
    }

    private static Change change(Operation operation, Row before, Row after) {
        return new Change(
                operation, new Stamp(1_700_000_000_000_000L, 3, "hub"), 1_700_000_000_000_000L, -2L, before, after);
    }

    private static Change merge(Row before, Row after, Context context) {
        return new Change(
                Operation.MERGE,
                new Stamp(1_700_000_000_000_000L, 3, "hub"),
                1_700_000_000_000_000L,
                -2L,
                before,
                after,
                context,
                new Change.Verdict(-1, true, new Stamp(7, 1, "us")));
    }

    private static Change conflicting(Change merge, ConflictRecord... conflicts) {
        return new Change(
                merge.operation(),
                merge.stamp(),
                merge.commitMicros(),
                merge.tableFingerprint(),
                merge.before(),
                merge.after(),
                merge.context(),
                merge.verdict(),
                List.of(conflicts));
    }

    private static Change randomChange(Random random) {
        Operation operation = Operation.values()[random.nextInt(Operation.values().length)];
        boolean isMerge = operation == Operation.MERGE;
        boolean isAbsent = isMerge && random.nextBoolean();
        boolean after = operation != Operation.DELETE && operation != Operation.TRUNCATE && !isAbsent;
        boolean before =
                operation == Operation.DELETE || operation == Operation.UPDATE && random.nextBoolean() || isAbsent;
        return new Change(
                operation,
                new Stamp(random.nextLong(), random.nextInt(Integer.MAX_VALUE), random.nextBoolean() ? "hub" : "eu"),
                random.nextLong(),
                random.nextLong(),
                before ? randomRow(random) : null,
                after ? randomRow(random) : null,
                isMerge || random.nextBoolean() ? SOME_CONTEXT : null,
                isMerge
                        ? new Change.Verdict(
                                random.nextLong(),
                                random.nextBoolean(),
                                random.nextBoolean()
                                        ? null
                                        : new Stamp(random.nextLong(), random.nextInt(Integer.MAX_VALUE), "eu"))
                        : null,
                isMerge && random.nextBoolean() ? List.of(SOME_CONFLICT) : List.of());
    }

    private static Row randomRow(Random random) {
        String[] texts = new String[random.nextInt(8)];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = switch (random.nextInt(4)) {
                case 0 -> null;
                case 1 -> Row.UNCHANGED;
                default ->
                    random.ints(random.nextInt(200), 0, 0xD800)
                            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                            .toString();
            };
        }
        return Row.of(texts);
    }

    private static Schema written(String name) {
        return RecordCodec.written().values().stream()
                .filter(schema -> schema.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static BinaryMessageDecoder<GenericRecord> stockAvro(String name) {
        return new BinaryMessageDecoder<>(GenericData.get(), written(name));
    }
}
