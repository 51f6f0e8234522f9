package org.anabranch.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.anabranch.conflict.CellParts.SetParts;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.MergePolicy;
import org.anabranch.conflict.MergePolicy.ValueOrder;
import org.anabranch.conflict.MisfitException;
import org.anabranch.conflict.RecentChange;
import org.anabranch.conflict.RowChange;
import org.anabranch.conflict.RowEntry;
import org.anabranch.conflict.RowMerge;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.conflict.RowMerge.Rule;
import org.anabranch.conflict.RowState;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.Values;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.message.BinaryMessageDecoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RowEntryCodecTest {

    private static final long TABLE = 0x8123_4567_89AB_CDEFL;

    /** Every policy, so that a single change may leave any cell out. */
    private static final List<Rule> RULES = List.of(
            Rule.of(MergePolicy.lastWriterWins(), 0, 6),
            Rule.of(MergePolicy.counter(), 1),
            Rule.of(MergePolicy.set(), 2),
            Rule.of(MergePolicy.max(ValueOrder.NUMBERS), 3),
            Rule.of(MergePolicy.min(ValueOrder.NUMBERS), 4),
            Rule.of(MergePolicy.prefer("hub"), 5));

    private static final RowMerge MERGE = new RowMerge(7, DeletePolicy.LAST_WRITER_WINS, RULES);

    private static final List<RecentChange> RECENT = List.of(new RecentChange(
            new Stamp(5, 0, "hub"), Context.of(new Stamp(3, 1, "eu")), 4, true, Values.of("a", null), List.of(5)));

    private static final Context MERGED = Context.of(new Stamp(5, 0, "hub"));

    private final RowEntryCodec codec = new RowEntryCodec();
    private final MemoryAdditions store = new MemoryAdditions();

    private byte[] encode(RowEntry entry) {
        return encode(entry, MERGE);
    }

    private byte[] encode(RowEntry entry, RowMerge merge) {
        return codec.encode(TABLE, entry, merge, store);
    }

    private RowEntryCodec.Decoded decode(byte[] bytes) throws UnreadableRecordException {
        return codec.decode(bytes, store);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenIsReadBackAndByStockAvroToo(DeletePolicy deletes) throws Exception {
        RowMerge merge = new RowMerge(7, deletes, RULES);
        BinaryMessageDecoder<GenericRecord> stock = new BinaryMessageDecoder<>(GenericData.get(), RowEntryCodec.SCHEMA);
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            for (RowState state : new RandomHistory(random, merge, RowEntryCodecTest::row, 12).states()) {
                RowEntry entry = new RowEntry(
                        state,
                        random.nextBoolean(),
                        random.nextBoolean(),
                        random.nextLong(),
                        random.nextBoolean() ? Context.NOTHING : Context.of(new Stamp(random.nextLong(), 0, "eu")),
                        recent(random, merge.read(state)));
                byte[] bytes = encode(entry, merge);

                RowEntryCodec.Decoded decoded = decode(bytes);
                assertThat(decoded.tableFingerprint()).isEqualTo(TABLE);
                assertThat(decoded.entry(merge)).as("seed %s", seed).isEqualTo(entry);
                assertThat(GenericRowEntries.decoded(stock.decode(bytes), null).entry(merge))
                        .as("seed %s", seed)
                        .isEqualTo(entry);
            }
        }
    }

    /** Equal states may differ in their policies. */
    @ParameterizedTest
    @EnumSource
    void whatIsReadBackIsMergedByItsPolicies(DeletePolicy deletes) throws Exception {
        RowMerge merge = new RowMerge(7, deletes, RULES);
        for (long seed = 0; seed < 300; seed++) {
            List<RowChange> changes = new RandomHistory(new Random(seed), merge, RowEntryCodecTest::row, 12).changes();
            RowState kept = merge.of(changes.getFirst());
            RowState stored = kept;
            for (RowChange change : changes) {
                kept = merge.merge(kept, merge.of(change));
                stored = merge.merge(decode(encode(entry(stored))).entry(merge).state(), merge.of(change));

                assertThat(stored).as("seed %s", seed).isEqualTo(kept);
                assertThat(merge.read(stored)).as("seed %s", seed).isEqualTo(merge.read(kept));
            }
        }
    }

    @Test
    void additionsThatPileUpAreKeptOutsideOfTheEntry() throws Exception {
        RowMerge merge = new RowMerge(1, DeletePolicy.LAST_WRITER_WINS, List.of(Rule.of(MergePolicy.counter(), 0)));
        RowState kept = merge.of(RowChange.insert(new Stamp(0, 0, "hub"), Context.NOTHING, Values.of("0")));
        byte[] bytes = encode(entry(kept), merge);
        int largest = 0;
        for (int i = 1; i <= 5_000; i++) {
            Stamp stamp = new Stamp(i * 20_000L, 0, "hub");
            RowState addition = merge.of(RowChange.update(stamp, Context.NOTHING, Values.of("3"), Values.of("5")));
            kept = merge.merge(kept, addition);
            bytes = encode(entry(merge.merge(decode(bytes).entry(merge).state(), addition)), merge);
            largest = Math.max(largest, bytes.length);
        }
        assertThat(largest).isLessThan(4_000); // 5,000 in it would be 80 KB
        RowState read = decode(bytes).entry(merge).state();
        assertThat(merge.read(read)).contains(Values.of("10000"));
        assertThat(read).isEqualTo(kept);
        RowState again =
                merge.of(RowChange.insert(new Stamp(4_000 * 20_000L + 1, 0, "eu"), Context.NOTHING, Values.of("7")));
        assertThat(merge.read(merge.merge(read, again))).contains(Values.of("2007"));
        RowState late = merge.of(
                RowChange.update(new Stamp(100_001, 0, "us"), Context.NOTHING, Values.of("3"), Values.of("2")));
        assertThat(decode(encode(entry(merge.merge(read, late)), merge))
                        .entry(merge)
                        .state())
                .isEqualTo(merge.merge(kept, late));
    }

    /** A crash may have come between the additions and the entry that refers to them, in the changelog too. */
    @Test
    void anEntryFindsItsAdditionsWhateverWasPutForTheNext() throws Exception {
        RowMerge merge = counterAlone();
        RowState state = manyAdditions(merge);
        byte[] bytes = encode(entry(state), merge);
        RowState late = merge.of(
                RowChange.update(new Stamp(100_001, 0, "us"), Context.NOTHING, Values.of("3"), Values.of("2")));
        int kept = store.size();

        encode(entry(merge.merge(decode(bytes).entry(merge).state(), late)), merge);

        assertThat(store.size()).as("places of additions").isGreaterThan(kept);
        assertThat(merge.merge(decode(bytes).entry(merge).state(), late)).isEqualTo(merge.merge(state, late));
    }

    private static RowMerge counterAlone() {
        return new RowMerge(1, DeletePolicy.LAST_WRITER_WINS, List.of(Rule.of(MergePolicy.counter(), 0)));
    }

    private static RowState manyAdditions(RowMerge merge) {
        RowState state = merge.of(RowChange.insert(new Stamp(0, 0, "hub"), Context.NOTHING, Values.of("0")));
        for (int i = 1; i <= 2 * AdditionsCodec.HERE_MAX; i++) {
            Stamp stamp = new Stamp(i * 20_000L, 0, "hub");
            state = merge.merge(
                    state, merge.of(RowChange.update(stamp, Context.NOTHING, Values.of("0"), Values.of("1"))));
        }
        return state;
    }

    @Test
    void additionsThatAreOfAnotherTimeThanTheEntryAreFoundOut() throws Exception {
        RowMerge merge = counterAlone();
        RowState state = manyAdditions(merge);
        RowState read = decode(encode(entry(state), merge)).entry(merge).state();
        RowState late = merge.of(
                RowChange.update(new Stamp(100_001, 0, "us"), Context.NOTHING, Values.of("3"), Values.of("2")));
        store.forget();

        assertThatThrownBy(() -> merge.merge(read, late)).isInstanceOf(DamagedEntryException.class);
        encode(entry(merge.merge(state, late)), merge); // one more than the entry knows of
        assertThatThrownBy(() -> merge.merge(read, late)).isInstanceOf(DamagedEntryException.class);
    }

    @Test
    void originsAreOneStringEach() throws Exception {
        byte[] bytes = encode(entry(update()));

        SetParts one = (SetParts) decode(bytes).parts().cells().get(2);
        SetParts other = (SetParts) decode(bytes).parts().cells().get(2);

        assertThat(one.marks().getFirst().stamp().origin())
                .isSameAs(other.marks().getFirst().stamp().origin());
    }

    @Test
    void anOldReaderReadsWhatANewerVersionWrote() throws Exception {
        Schema newer = new Schema.Parser()
                .parse(RowEntryCodec.SCHEMA
                        .toString()
                        .replace(
                                "\"name\":\"contested\"",
                                "\"name\":\"shard\",\"type\":\"int\",\"default\":7},{\"name\":\"contested\"")
                        .replace(
                                "\"name\":\"base\"",
                                "\"name\":\"limit\",\"type\":\"string\",\"default\":\"9\"},{\"name\":\"base\""));
        RowEntry entry = entry(update());
        byte[] bytes = as(newer, entry);

        assertThatThrownBy(() -> decode(bytes))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining("not in the schemas topic (yet)");
        codec.learn(newer);
        assertThat(decode(bytes).tableFingerprint()).isEqualTo(TABLE);
        assertThat(decode(bytes).entry(MERGE)).isEqualTo(entry);
    }

    @Test
    void aNewReaderReadsWhatAnOlderVersionWrote() throws Exception {
        Schema older = OtherVersions.without(OtherVersions.without(RowEntryCodec.SCHEMA, "image"), "recent");
        RowEntry entry = new RowEntry(insert(), true, false, -7, MERGED, List.of());
        codec.learn(older);

        assertThat(decode(as(older, entry)).entry(MERGE)).isEqualTo(entry);
    }

    @Test
    void aKindOfCellThatOnlyANewerVersionHasIsUnreadable() throws Exception {
        String extreme = "{\"type\":\"record\",\"name\":\"Extreme\"";
        String flag = "{\"type\":\"record\",\"name\":\"Flag\",\"fields\":[{\"name\":\"raised\",\"type\":\"boolean\"}]}";
        Schema newer =
                new Schema.Parser().parse(RowEntryCodec.SCHEMA.toString().replace(extreme, flag + "," + extreme));
        codec.learn(newer);
        GenericRecord written = generic(encode(entry(insert())), newer);
        GenericRecord raised = new GenericData.Record(
                newer.getField("cells").schema().getElementType().getTypes().get(4));
        raised.put("raised", true);
        written.put("cells", List.of(raised));

        assertThatThrownBy(() -> decode(OtherVersions.singleObject(newer, written)))
                .isInstanceOf(UnreadableRecordException.class);
    }

    @Test
    void damagedBytesAreRefusedAndNeverTakenForAnEntry() {
        byte[] good = encode(entry(update()));
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> decode(cut)).isInstanceOf(UnreadableRecordException.class);
        }
        assertThatThrownBy(() -> decode("{\"json\": true}".getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("C3 01");
    }

    @Test
    void bytesThatHaveChangedAreReadOrRefusedAndDoNothingElse() {
        byte[] good = encode(entry(update()));
        for (int at = 0; at < good.length; at++) {
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                byte[] flipped = good.clone();
                flipped[at] ^= (byte) (1 << bit);
                try {
                    decode(flipped);
                } catch (UnreadableRecordException e) {
                    assertThat(e).hasMessageContaining("a record");
                }
            }
        }
    }

    @Test
    void anEntryThatWasMergedByOtherPoliciesIsRefused() throws Exception {
        RowEntryCodec.Decoded decoded = decode(encode(entry(insert())));

        assertThatThrownBy(() -> decoded.entry(with(1, MergePolicy.set())))
                .isInstanceOf(MisfitException.class)
                .hasMessage("columns [1], counted from 0, were merged as a counter, and their policy is set now");
        assertThatThrownBy(() -> decoded.entry(with(2, MergePolicy.lastWriterWins())))
                .isInstanceOf(MisfitException.class)
                .hasMessage(
                        "columns [2], counted from 0, were merged as a set, and their policy is last-writer-wins now");
        assertThatThrownBy(() -> decoded.entry(with(5, MergePolicy.max(ValueOrder.TIMES))))
                .isInstanceOf(MisfitException.class)
                .hasMessageContaining("were merged as a write of 1 columns, and their policy is max now");
        assertThatThrownBy(() -> decoded.entry(new RowMerge(
                        7, DeletePolicy.WINS, List.of(Rule.of(MergePolicy.lastWriterWins(), 0, 1, 2, 3, 4, 5, 6)))))
                .isInstanceOf(MisfitException.class)
                .hasMessage("a row was merged by 6 rules, and its table has 1 now");
    }

    @Test
    void anEntryOfAnotherNumberOfColumnsIsRefused() throws Exception {
        RowEntry whole = entry(lastWriterWins(2).of(insert(Values.of("1", "2"))));
        RowEntryCodec.Decoded decoded = decode(encode(whole, lastWriterWins(2)));

        assertThatThrownBy(() -> decoded.entry(lastWriterWins(3)))
                .isInstanceOf(MisfitException.class)
                .hasMessageContaining("were merged as a write of 2 columns");
    }

    /** Which of the values are kept depends on which is better. */
    @Test
    void aMinimumThatHasBecomeAMaximumIsReadAsOne() throws Exception {
        RowMerge min = extreme(MergePolicy.min(ValueOrder.NUMBERS));
        RowMerge max = extreme(MergePolicy.max(ValueOrder.NUMBERS));
        RowChange insert = insert(Values.of("1"));
        RowChange update =
                RowChange.update(new Stamp(8, 0, "us"), Context.of(insert.stamp()), Values.of("1"), Values.of("2"));
        RowEntry entry = entry(min.merge(min.of(insert), min.of(update)));

        RowState read = decode(encode(entry, min)).entry(max).state();

        assertThat(min.read(entry.state())).contains(Values.of("1"));
        assertThat(max.read(read)).contains(Values.of("2"));
    }

    private static RowMerge extreme(MergePolicy policy) {
        return new RowMerge(1, DeletePolicy.WINS, List.of(Rule.of(policy, 0)));
    }

    private static RowMerge lastWriterWins(int columns) {
        Integer[] all = new Integer[columns];
        Arrays.setAll(all, i -> i);
        return new RowMerge(columns, DeletePolicy.WINS, List.of(Rule.of(MergePolicy.lastWriterWins(), all)));
    }

    /** The rules with another policy for one column. */
    private static RowMerge with(int column, MergePolicy policy) {
        List<Rule> rules = RULES.stream()
                .map(rule -> rule.columns().getFirst() == column ? Rule.of(policy, column) : rule)
                .toList();
        return new RowMerge(7, DeletePolicy.LAST_WRITER_WINS, rules);
    }

    private static RowChange insert(Values row) {
        return RowChange.insert(new Stamp(5, 0, "hub"), Context.of(new Stamp(3, 1, "eu")), row);
    }

    private static RowState insert() {
        return MERGE.of(insert(Values.of("käse \uD83E\uDDC0", "-1.50", "{a,NULL}", "3", "-4", null, "")));
    }

    /** Has no cell for what it left alone, an image for it, and of the others what they are without an insert. */
    private static RowState update() {
        Values before = Values.of("a", "1", "{a,b}", "1", "1", "same", "b");
        Values after = Values.of("b", "2.5E+3", "{a,c}", "2", "0", "same", null);
        return MERGE.of(RowChange.update(new Stamp(7, 2, "us"), Context.of(new Stamp(5, 0, "hub")), before, after));
    }

    private static RowEntry entry(RowState state) {
        return new RowEntry(state, true, false, -7, MERGED, RECENT);
    }

    private static List<RecentChange> recent(Random random, Optional<Values> now) {
        return random.ints(random.nextInt(3), 0, 1_000)
                .mapToObj(i -> new RecentChange(
                        new Stamp(i, random.nextInt(3), "us"),
                        random.nextBoolean() ? Context.NOTHING : Context.of(new Stamp(i, 0, "eu")),
                        random.nextLong(),
                        random.nextBoolean(),
                        random.nextBoolean() ? row(random) : now.orElse(row(random)),
                        random.nextBoolean() ? List.of() : List.of(0, i)))
                .toList();
    }

    private static Values row(Random random) {
        return Values.of(
                random.nextInt(3) == 0 ? null : "käse \0" + random.nextInt(3),
                random.nextInt(9) + (random.nextBoolean() ? ".50" : ""),
                List.of("{}", "{a}", "{b,NULL}", "{a,\"c, d\"}").get(random.nextInt(4)),
                random.nextInt(3) == 0 ? null : Integer.toString(random.nextInt(9)),
                Integer.toString(random.nextInt(9)),
                random.nextBoolean() ? "" : "x",
                Integer.toString(random.nextInt(2)));
    }

    /** As a version with this schema would write it. */
    private byte[] as(Schema schema, RowEntry entry) throws IOException {
        return OtherVersions.singleObject(schema, generic(encode(entry), schema));
    }

    private static GenericRecord generic(byte[] bytes, Schema reader) throws IOException {
        return new GenericDatumReader<GenericRecord>(RowEntryCodec.SCHEMA, reader)
                .read(null, DecoderFactory.get().binaryDecoder(bytes, 10, bytes.length - 10, null));
    }
}
