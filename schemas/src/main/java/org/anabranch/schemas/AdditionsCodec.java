package org.anabranch.schemas;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import org.anabranch.conflict.Additions;
import org.anabranch.conflict.Stamp;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.jspecify.annotations.Nullable;

/**
 * Additions to a counter, as row-entry.avsc has them: in the row's entry, or in a {@link AdditionsStore} and only their number and
 * sum in the entry. Each change of a row writes its entry anew, so that has to stay small while additions pile up.
 */
final class AdditionsCodec {

    /** With more, only the newest stretch of them stays in the entry. */
    static final int HERE_MAX = 64;

    static final Schema SCHEMA = schema();
    private static final long FINGERPRINT = SchemaNormalization.parsingFingerprint64(SCHEMA);

    private final AvroOutput elsewhere = new AvroOutput();

    private static Schema schema() {
        Schema counter = RowEntryCodec.SCHEMA.getField("cells").schema().getElementType().getTypes().stream()
                .filter(type -> type.getName().equals("Counter"))
                .findFirst()
                .orElseThrow();
        return counter.getField("additions").schema().getElementType();
    }

    void write(AvroOutput output, int cell, Map<Long, Additions> additions, AdditionsStore store) {
        int here = additions.values().stream()
                .filter(Additions::isHere)
                .mapToInt(Additions::size)
                .sum();
        if (!additions.isEmpty()) {
            output.writeLong(additions.size());
            int left = additions.size();
            for (Map.Entry<Long, Additions> each : additions.entrySet()) {
                boolean isNewest = --left == 0;
                Additions added = each.getValue();
                if (added.isHere() && here > HERE_MAX && !isNewest) {
                    elsewhere.reset();
                    SingleObject.begin(elsewhere, FINGERPRINT);
                    write(elsewhere, each.getKey(), added, 0, true);
                    byte[] bytes = elsewhere.toBytes();
                    long name = SchemaNormalization.fingerprint64(bytes);
                    store.put(new AdditionsStore.Place(cell, each.getKey(), name), bytes);
                    write(output, each.getKey(), added, name, false);
                } else {
                    write(output, each.getKey(), added, added.name(), added.isHere());
                }
            }
        }
        output.writeLong(0);
    }

    private static void write(AvroOutput output, long stretch, Additions additions, long name, boolean here) {
        output.writeLong(stretch);
        output.writeLong(additions.size());
        output.writeString(additions.sum().toString());
        output.writeLong(name);
        output.writeLong(here ? 1 : 0);
        if (here) {
            Map<Stamp, BigDecimal> byStamp = additions.byStamp();
            output.writeLong(byStamp.size()); // at least one
            byStamp.forEach((stamp, value) -> {
                Contexts.write(output, stamp);
                output.writeString(value.toString());
            });
            output.writeLong(0);
        }
    }

    /** Puts one stretch of them where the others of its counter are. */
    static void read(AvroInput input, int cell, Map<Long, Additions> into, Elsewhere store) {
        long stretch = input.readLong();
        int size = input.readInt();
        BigDecimal sum = new BigDecimal(input.readString());
        long name = input.readLong();
        Additions here = input.readBranch() ? here(input) : null;
        into.put(
                stretch,
                here == null ? store.additions(new AdditionsStore.Place(cell, stretch, name), size, sum) : here);
    }

    private static Additions here(AvroInput input) {
        Map<Stamp, BigDecimal> byStamp = new LinkedHashMap<>();
        for (int block = input.readBlock(); block != 0; block = input.readBlock()) {
            for (int i = 0; i < block; i++) {
                byStamp.put(Contexts.readStamp(input), new BigDecimal(input.readString()));
            }
        }
        return Additions.of(byStamp);
    }

    /** Reads what an entry refers to. */
    static final class Elsewhere {
        private final AdditionsStore store;
        private final OriginNames origins;
        private final Map<Long, Schema> learnt;

        Elsewhere(AdditionsStore store, OriginNames origins, Map<Long, Schema> learnt) {
            this.store = store;
            this.origins = origins;
            this.learnt = learnt;
        }

        Additions additions(AdditionsStore.Place place, int size, BigDecimal sum) {
            return Additions.elsewhere(size, sum, place.name(), () -> {
                byte[] bytes = store.get(place);
                Additions found = bytes == null ? null : decode(bytes);
                if (found == null || found.size() != size || found.sum().compareTo(sum) != 0) {
                    throw new DamagedEntryException("of a counter's " + size + " additions with the sum " + sum + ", "
                            + (found == null ? "none is" : found.size() + " with the sum " + found.sum() + " are")
                            + " there");
                }
                return found.byStamp();
            });
        }

        private @Nullable Additions decode(byte[] bytes) {
            try {
                long fingerprint = SingleObject.fingerprint(bytes);
                if (fingerprint == FINGERPRINT) {
                    AvroInput input = new AvroInput(bytes, SingleObject.HEADER_BYTES, origins);
                    input.readLong();
                    input.readInt();
                    input.readString();
                    input.readLong();
                    return input.readBranch() ? here(input) : null;
                }
                Schema writer = learnt.get(fingerprint);
                if (writer == null) {
                    throw SingleObject.unknown(fingerprint);
                }
                return GenericRowEntries.here(SingleObject.resolve(bytes, writer, SCHEMA));
            } catch (UnreadableRecordException | IndexOutOfBoundsException | IllegalArgumentException e) {
                throw new DamagedEntryException("additions to a counter cannot be read: " + e.getMessage());
            }
        }
    }
}
