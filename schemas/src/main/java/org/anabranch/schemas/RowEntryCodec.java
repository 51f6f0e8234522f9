package org.anabranch.schemas;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.anabranch.conflict.CellParts;
import org.anabranch.conflict.CellParts.RegisterParts;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.MisfitException;
import org.anabranch.conflict.RecentChange;
import org.anabranch.conflict.RowEntry;
import org.anabranch.conflict.RowMerge;
import org.anabranch.conflict.RowParts;
import org.anabranch.conflict.RowState;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.UnmergeableException;
import org.anabranch.conflict.Values;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.jspecify.annotations.Nullable;

/**
 * What a resolver remembers of a row as Avro single-object encoding of a fixed schema. As with {@link RecordCodec}, this version's is
 * read by hand, and another's by Avro's schema resolution, once {@link #learn} has been told its schema.
 *
 * <p>Not thread-safe: one for each thread.
 */
public final class RowEntryCodec {

    static final Schema SCHEMA = SingleObject.load("row-entry.avsc");
    private static final long FINGERPRINT = SchemaNormalization.parsingFingerprint64(SCHEMA);

    private final AvroOutput output = new AvroOutput();
    private final AvroOutput body = new AvroOutput();
    private final EntryStamps stamps = new EntryStamps();
    private final CellCodec cellCodec = new CellCodec();
    private final OriginNames origins = new OriginNames();
    private final Map<Long, Schema> learnt = new ConcurrentHashMap<>();

    /**
     * An entry without its table's policies, which are not stored with it.
     *
     * @param tableFingerprint of the table's schema that its values are in
     * @param recent those without values left the row as it is read now
     */
    public record Decoded(
            long tableFingerprint,
            RowParts parts,
            boolean contested,
            boolean believedThere,
            long seenMicros,
            Context merged,
            List<RecentChange> recent) {

        /**
         * @param merge of the table that the fingerprint names
         * @throws MisfitException if the entry was merged by other policies than these
         */
        public RowEntry entry(RowMerge merge) {
            RowState state = merge.state(parts);
            return new RowEntry(
                    state,
                    contested,
                    believedThere,
                    seenMicros,
                    merged,
                    RecentChangeCodec.whole(recent, () -> read(merge, state)));
        }
    }

    /** The schemas that this version writes, to be published before the first entry. */
    public static Map<Long, Schema> written() {
        return Map.of(
                FINGERPRINT,
                SCHEMA,
                SchemaNormalization.parsingFingerprint64(AdditionsCodec.SCHEMA),
                AdditionsCodec.SCHEMA);
    }

    /** Makes entries that another version wrote readable. */
    public void learn(Schema schema) {
        learnt.put(SchemaNormalization.parsingFingerprint64(schema), schema);
    }

    /**
     * @param tableFingerprint of the table's schema that its values are in
     * @param merge of that table
     * @param store takes what would make the entry large
     */
    public byte[] encode(long tableFingerprint, RowEntry entry, RowMerge merge, AdditionsStore store) {
        body.reset();
        stamps.clear();
        stamps.write(body, entry.merged());
        RowParts parts = entry.state().parts();
        CellCodec.writeRegister(body, stamps, parts.life());
        if (!parts.cells().isEmpty()) {
            body.writeLong(parts.cells().size());
            for (int place = 0; place < parts.cells().size(); place++) {
                cellCodec.write(body, stamps, place, parts.cells().get(place), store);
            }
        }
        body.writeLong(0); // the end of the array's blocks
        RegisterParts image = parts.image();
        body.writeLong(image == null ? 0 : 1);
        if (image != null) {
            CellCodec.writeRegister(body, stamps, image);
        }
        Stamp claim = parts.claim();
        body.writeLong(claim == null ? 0 : 1);
        if (claim != null) {
            stamps.write(body, claim);
        }
        RecentChangeCodec.write(body, stamps, entry.recent(), () -> read(merge, entry.state()));
        output.reset();
        SingleObject.begin(output, FINGERPRINT);
        output.writeFixed64(tableFingerprint);
        output.writeBoolean(entry.contested());
        output.writeBoolean(entry.believedThere());
        output.writeLong(entry.seenMicros());
        stamps.write(output);
        output.write(body);
        return output.toBytes();
    }

    /**
     * @param store asked for what is not in the entry when it matters, which may be after this call. It then throws a
     *     {@link DamagedEntryException} if that is not what the entry knows of it
     * @throws UnreadableRecordException if the bytes are no entry, are cut short, or were written by a schema that is not known
     *     (yet)
     */
    public Decoded decode(byte[] bytes, AdditionsStore store) throws UnreadableRecordException {
        long fingerprint = SingleObject.fingerprint(bytes);
        AdditionsCodec.Elsewhere elsewhere = new AdditionsCodec.Elsewhere(store, origins, learnt);
        try {
            return fingerprint == FINGERPRINT
                    ? read(new AvroInput(bytes, SingleObject.HEADER_BYTES, origins), elsewhere)
                    : resolve(bytes, fingerprint, elsewhere);
        } catch (IndexOutOfBoundsException | IllegalArgumentException | NegativeArraySizeException e) {
            throw SingleObject.damaged(bytes, e);
        }
    }

    /** What is read of a row; empty if it is deleted, or a policy of the user's own fails. */
    private static Optional<Values> read(RowMerge merge, RowState state) {
        try {
            return merge.read(state);
        } catch (UnmergeableException e) {
            return Optional.empty();
        }
    }

    private static Decoded read(AvroInput input, AdditionsCodec.Elsewhere elsewhere) {
        long tableFingerprint = input.readFixed64();
        boolean contested = input.readBoolean();
        boolean believedThere = input.readBoolean();
        long seenMicros = input.readLong();
        EntryStamps stamps = EntryStamps.read(input);
        Context merged = stamps.readContext(input);
        RegisterParts life = CellCodec.readRegister(input, stamps);
        List<@Nullable CellParts> cells = new ArrayList<>();
        for (int block = input.readBlock(); block != 0; block = input.readBlock()) {
            for (int i = 0; i < block; i++) {
                cells.add(CellCodec.read(input, stamps, cells.size(), elsewhere));
            }
        }
        RegisterParts image = input.readBranch() ? CellCodec.readRegister(input, stamps) : null;
        Stamp claim = input.readBranch() ? stamps.readStamp(input) : null;
        return new Decoded(
                tableFingerprint,
                new RowParts(life, cells, image, claim),
                contested,
                believedThere,
                seenMicros,
                merged,
                RecentChangeCodec.read(input, stamps));
    }

    private Decoded resolve(byte[] bytes, long fingerprint, AdditionsCodec.Elsewhere elsewhere)
            throws UnreadableRecordException {
        Schema writer = learnt.get(fingerprint);
        if (writer == null) {
            throw SingleObject.unknown(fingerprint);
        }
        return GenericRowEntries.decoded(SingleObject.resolve(bytes, writer, SCHEMA), elsewhere);
    }
}
