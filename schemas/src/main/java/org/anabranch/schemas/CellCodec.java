package org.anabranch.schemas;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.anabranch.conflict.Additions;
import org.anabranch.conflict.CellParts;
import org.anabranch.conflict.CellParts.CounterParts;
import org.anabranch.conflict.CellParts.ExtremeParts;
import org.anabranch.conflict.CellParts.RegisterParts;
import org.anabranch.conflict.CellParts.SetParts;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.Values;
import org.anabranch.conflict.Write;
import org.jspecify.annotations.Nullable;

/** The cells of a row, as row-entry.avsc has them. */
final class CellCodec {

    private static final int NOTHING = 0;
    private static final int REGISTER = 1;
    private static final int COUNTER = 2;
    private static final int SET = 3;
    private static final int EXTREME = 4;

    private final AdditionsCodec additions = new AdditionsCodec();

    /** @param place among the row's cells */
    void write(AvroOutput output, EntryStamps stamps, int place, @Nullable CellParts cell, AdditionsStore store) {
        switch (cell) {
            case null -> output.writeLong(NOTHING);
            case RegisterParts register -> {
                output.writeLong(REGISTER);
                writeRegister(output, stamps, register);
            }
            case CounterParts counter -> {
                output.writeLong(COUNTER);
                writeCounter(output, place, counter, store);
            }
            case SetParts set -> {
                output.writeLong(SET);
                writeSet(output, set);
            }
            case ExtremeParts extreme -> {
                output.writeLong(EXTREME);
                writeExtreme(output, extreme);
            }
        }
    }

    /** @param place among the row's cells */
    static @Nullable CellParts read(
            AvroInput input, EntryStamps stamps, int place, AdditionsCodec.Elsewhere elsewhere) {
        return switch (input.readInt()) {
            case NOTHING -> null;
            case REGISTER -> readRegister(input, stamps);
            case COUNTER -> readCounter(input, place, elsewhere);
            case SET -> readSet(input);
            case EXTREME -> readExtreme(input);
            default -> throw new IllegalArgumentException("a cell of no kind that there is");
        };
    }

    static void writeRegister(AvroOutput output, EntryStamps stamps, RegisterParts register) {
        output.writeLong(register.writes().size()); // at least one
        for (Write write : register.writes()) {
            stamps.write(output, write.stamp());
            stamps.write(output, write.context());
            writeValues(output, write.values());
        }
        output.writeLong(0);
        stamps.write(output, register.seen());
    }

    static RegisterParts readRegister(AvroInput input, EntryStamps stamps) {
        List<Write> writes = new ArrayList<>(1);
        for (int block = input.readBlock(); block != 0; block = input.readBlock()) {
            for (int i = 0; i < block; i++) {
                writes.add(new Write(stamps.readStamp(input), stamps.readContext(input), readValues(input)));
            }
        }
        return new RegisterParts(writes, stamps.readContext(input));
    }

    private static void writeValues(AvroOutput output, @Nullable Values values) {
        output.writeLong(values == null ? 0 : 1);
        if (values != null) {
            writeTexts(output, values);
        }
    }

    static void writeTexts(AvroOutput output, Values values) {
        if (values.size() > 0) {
            output.writeLong(values.size());
            for (int i = 0; i < values.size(); i++) {
                writeText(output, values.get(i));
            }
        }
        output.writeLong(0);
    }

    private static @Nullable Values readValues(AvroInput input) {
        return input.readBranch() ? readTexts(input) : null;
    }

    static Values readTexts(AvroInput input) {
        @Nullable String[] texts = new @Nullable String[0];
        for (int block = input.readBlock(); block != 0; block = input.readBlock()) {
            int from = texts.length;
            texts = Arrays.copyOf(texts, from + block);
            for (int i = from; i < texts.length; i++) {
                texts[i] = readText(input);
            }
        }
        return Values.of(texts);
    }

    private void writeCounter(AvroOutput output, int place, CounterParts counter, AdditionsStore store) {
        writeInserted(output, counter.inserted());
        output.writeString(counter.base().toString());
        additions.write(output, place, counter.additions(), store);
    }

    private static CounterParts readCounter(AvroInput input, int place, AdditionsCodec.Elsewhere elsewhere) {
        Stamp inserted = readInserted(input);
        BigDecimal base = new BigDecimal(input.readString());
        SortedMap<Long, Additions> additions = new TreeMap<>();
        for (int block = input.readBlock(); block != 0; block = input.readBlock()) {
            for (int i = 0; i < block; i++) {
                AdditionsCodec.read(input, place, additions, elsewhere);
            }
        }
        return new CounterParts(inserted, base, additions);
    }

    private static void writeSet(AvroOutput output, SetParts set) {
        writeInserted(output, set.inserted());
        if (!set.marks().isEmpty()) {
            output.writeLong(set.marks().size());
            for (SetParts.Mark mark : set.marks()) {
                writeText(output, mark.element());
                Contexts.write(output, mark.stamp());
                output.writeBoolean(mark.present());
            }
        }
        output.writeLong(0);
    }

    private static SetParts readSet(AvroInput input) {
        Stamp inserted = readInserted(input);
        List<SetParts.Mark> marks = new ArrayList<>();
        for (int block = input.readBlock(); block != 0; block = input.readBlock()) {
            for (int i = 0; i < block; i++) {
                marks.add(new SetParts.Mark(readText(input), Contexts.readStamp(input), input.readBoolean()));
            }
        }
        return new SetParts(inserted, marks);
    }

    private static void writeExtreme(AvroOutput output, ExtremeParts extreme) {
        writeInserted(output, extreme.inserted());
        if (!extreme.values().isEmpty()) {
            output.writeLong(extreme.values().size());
            for (Map.Entry<Stamp, String> value : extreme.values().entrySet()) {
                Contexts.write(output, value.getKey());
                output.writeString(value.getValue());
            }
        }
        output.writeLong(0);
    }

    private static ExtremeParts readExtreme(AvroInput input) {
        Stamp inserted = readInserted(input);
        Map<Stamp, String> values = new LinkedHashMap<>();
        for (int block = input.readBlock(); block != 0; block = input.readBlock()) {
            for (int i = 0; i < block; i++) {
                values.put(Contexts.readStamp(input), input.readString());
            }
        }
        return new ExtremeParts(inserted, values);
    }

    private static void writeInserted(AvroOutput output, @Nullable Stamp inserted) {
        output.writeLong(inserted == null ? 0 : 1);
        if (inserted != null) {
            Contexts.write(output, inserted);
        }
    }

    private static @Nullable Stamp readInserted(AvroInput input) {
        return input.readBranch() ? Contexts.readStamp(input) : null;
    }

    private static void writeText(AvroOutput output, @Nullable String text) {
        output.writeLong(text == null ? 0 : 1);
        if (text != null) {
            output.writeString(text);
        }
    }

    private static @Nullable String readText(AvroInput input) {
        return input.readBranch() ? input.readString() : null;
    }
}
