package org.anabranch.schemas;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Stamp;
import org.apache.avro.generic.GenericRecord;

/** The stamps that an entry names again and again, which are few: elsewhere in it stand their places in here. */
final class EntryStamps {

    private final List<Stamp> stamps = new ArrayList<>();

    static EntryStamps read(AvroInput input) {
        EntryStamps read = new EntryStamps();
        for (int block = input.readBlock(); block != 0; block = input.readBlock()) {
            for (int i = 0; i < block; i++) {
                read.stamps.add(Contexts.readStamp(input));
            }
        }
        return read;
    }

    static EntryStamps of(Collection<?> generic) {
        EntryStamps read = new EntryStamps();
        generic.forEach(item -> read.stamps.add(Contexts.stamp((GenericRecord) item)));
        return read;
    }

    void write(AvroOutput output) {
        if (!stamps.isEmpty()) {
            output.writeLong(stamps.size());
            for (Stamp stamp : stamps) {
                Contexts.write(output, stamp);
            }
        }
        output.writeLong(0); // the end of the array's blocks
    }

    void clear() {
        stamps.clear();
    }

    void write(AvroOutput output, Stamp stamp) {
        int place = stamps.indexOf(stamp);
        if (place < 0) {
            place = stamps.size();
            stamps.add(stamp);
        }
        output.writeLong(place);
    }

    void write(AvroOutput output, Context context) {
        List<Stamp> named = context.stamps();
        if (!named.isEmpty()) {
            output.writeLong(named.size());
            for (Stamp stamp : named) {
                write(output, stamp);
            }
        }
        output.writeLong(0);
    }

    Stamp readStamp(AvroInput input) {
        return stamps.get(input.readInt());
    }

    Context readContext(AvroInput input) {
        int block = input.readBlock();
        if (block == 0) {
            return Context.NOTHING;
        }
        List<Stamp> named = new ArrayList<>(block);
        for (; block != 0; block = input.readBlock()) {
            for (int i = 0; i < block; i++) {
                named.add(readStamp(input));
            }
        }
        return Context.of(named);
    }

    Stamp stamp(Object place) {
        return stamps.get((Integer) place);
    }

    Context context(Object places) {
        return Context.of(((Collection<?>) places).stream().map(this::stamp).toList());
    }
}
