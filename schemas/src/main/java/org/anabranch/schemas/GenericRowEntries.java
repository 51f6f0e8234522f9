package org.anabranch.schemas;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.anabranch.conflict.Additions;
import org.anabranch.conflict.CellParts;
import org.anabranch.conflict.CellParts.CounterParts;
import org.anabranch.conflict.CellParts.ExtremeParts;
import org.anabranch.conflict.CellParts.RegisterParts;
import org.anabranch.conflict.CellParts.SetParts;
import org.anabranch.conflict.RecentChange;
import org.anabranch.conflict.RowParts;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.Values;
import org.anabranch.conflict.Write;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Turns what Avro resolved from another version's row-entry.avsc into our entries. */
final class GenericRowEntries {

    private GenericRowEntries() {}

    static RowEntryCodec.Decoded decoded(GenericRecord entry, AdditionsCodec.Elsewhere elsewhere) {
        EntryStamps stamps = EntryStamps.of((Collection<?>) entry.get("stamps"));
        GenericRecord image = (GenericRecord) entry.get("image");
        List<@Nullable CellParts> cells = new ArrayList<>();
        ((Collection<?>) entry.get("cells"))
                .forEach(cell -> cells.add(cell((GenericRecord) cell, stamps, cells.size(), elsewhere)));
        return new RowEntryCodec.Decoded(
                RecordCodec.fixed64(((GenericFixed) entry.get("table")).bytes()),
                new RowParts(
                        register((GenericRecord) entry.get("life"), stamps),
                        cells,
                        image == null ? null : register(image, stamps),
                        entry.get("claim") == null ? null : stamps.stamp(entry.get("claim"))),
                (Boolean) entry.get("contested"),
                (Boolean) entry.get("believedThere"),
                (Long) entry.get("seenMicros"),
                stamps.context(entry.get("merged")),
                items(entry, "recent").stream()
                        .map(change -> recent(change, stamps))
                        .toList());
    }

    private static RecentChange recent(GenericRecord change, EntryStamps stamps) {
        return new RecentChange(
                stamps.stamp(change.get("stamp")),
                stamps.context(change.get("context")),
                (Long) change.get("commitMicros"),
                (Boolean) change.get("isDelete"),
                Objects.requireNonNull(values((Collection<?>) change.get("row"))),
                ((Collection<?>) change.get("rules"))
                        .stream().map(Integer.class::cast).toList());
    }

    private static @Nullable CellParts cell(
            @Nullable GenericRecord cell, EntryStamps stamps, int place, AdditionsCodec.Elsewhere elsewhere) {
        if (cell == null) {
            return null;
        }
        return switch (cell.getSchema().getName()) {
            case "Register" -> register(cell, stamps);
            case "Counter" -> counter(cell, place, elsewhere);
            case "ElementSet" -> set(cell);
            case "Extreme" -> extreme(cell);
            default -> throw new IllegalArgumentException("a cell of no kind that there is");
        };
    }

    private static RegisterParts register(GenericRecord register, EntryStamps stamps) {
        List<Write> writes = items(register, "writes").stream()
                .map(write -> new Write(
                        stamps.stamp(write.get("stamp")), stamps.context(write.get("context")), values((Collection<?>)
                                write.get("values"))))
                .toList();
        return new RegisterParts(writes, stamps.context(register.get("seen")));
    }

    private static @Nullable Values values(@Nullable Collection<?> values) {
        return values == null
                ? null
                : Values.of(values.stream().map(GenericRowEntries::text).toArray(String[]::new));
    }

    private static CounterParts counter(GenericRecord counter, int place, AdditionsCodec.Elsewhere elsewhere) {
        SortedMap<Long, Additions> additions = new TreeMap<>();
        for (GenericRecord each : items(counter, "additions")) {
            long stretch = (Long) each.get("stretch");
            Additions here = here(each);
            additions.put(
                    stretch,
                    here == null
                            ? elsewhere.additions(
                                    new AdditionsStore.Place(place, stretch, (Long) each.get("name")),
                                    (Integer) each.get("size"),
                                    new BigDecimal(each.get("sum").toString()))
                            : here);
        }
        return new CounterParts(
                inserted(counter), new BigDecimal(counter.get("base").toString()), additions);
    }

    /** Null if they are elsewhere. */
    static @Nullable Additions here(GenericRecord additions) {
        if (additions.get("here") == null) {
            return null;
        }
        Map<Stamp, BigDecimal> byStamp = new LinkedHashMap<>();
        items(additions, "here")
                .forEach(item -> byStamp.put(
                        stamp(item), new BigDecimal(item.get("value").toString())));
        return Additions.of(byStamp);
    }

    private static SetParts set(GenericRecord set) {
        List<SetParts.Mark> marks = items(set, "marks").stream()
                .map(mark -> new SetParts.Mark(text(mark.get("element")), stamp(mark), (Boolean) mark.get("present")))
                .toList();
        return new SetParts(inserted(set), marks);
    }

    private static ExtremeParts extreme(GenericRecord extreme) {
        Map<Stamp, String> values = new LinkedHashMap<>();
        items(extreme, "values")
                .forEach(item -> values.put(stamp(item), item.get("value").toString()));
        return new ExtremeParts(inserted(extreme), values);
    }

    private static List<GenericRecord> items(GenericRecord record, String field) {
        return ((Collection<?>) record.get(field))
                .stream().map(GenericRecord.class::cast).toList();
    }

    private static Stamp stamp(GenericRecord record) {
        return Contexts.stamp((GenericRecord) record.get("stamp"));
    }

    private static @Nullable Stamp inserted(GenericRecord cell) {
        GenericRecord stamp = (GenericRecord) cell.get("inserted");
        return stamp == null ? null : Contexts.stamp(stamp);
    }

    private static @Nullable String text(@Nullable Object text) {
        return text == null ? null : text.toString();
    }
}
