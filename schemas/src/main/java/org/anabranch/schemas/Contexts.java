package org.anabranch.schemas;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Stamp;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Stamps as Avro records of an origin, a hybrid time and a number, and contexts as arrays of them. */
final class Contexts {

    private Contexts() {}

    static void write(AvroOutput output, Context context) {
        Collection<Stamp> stamps = context.stamps();
        if (!stamps.isEmpty()) {
            output.writeLong(stamps.size());
            for (Stamp stamp : stamps) {
                write(output, stamp);
            }
        }
        output.writeLong(0); // the end of the array's blocks
    }

    static Context read(AvroInput input) {
        int start = input.position();
        RecentContexts.Recent recent = input.recentContexts().at(start);
        if (recent != null) {
            input.skip(recent.length());
            return recent.context();
        }
        Context context = readNew(input);
        input.recentContexts().add(new RecentContexts.Recent(context, start, input.position()));
        return context;
    }

    private static Context readNew(AvroInput input) {
        int block = input.readBlock();
        if (block == 0) {
            return Context.NOTHING;
        }
        List<Stamp> stamps = new ArrayList<>();
        for (; block != 0; block = input.readBlock()) {
            for (int i = 0; i < block; i++) {
                stamps.add(readStamp(input));
            }
        }
        return Context.of(stamps);
    }

    /** As the other branch of a union with null. */
    static void writeNullable(AvroOutput output, @Nullable Context context) {
        output.writeLong(context == null ? 0 : 1);
        if (context != null) {
            write(output, context);
        }
    }

    static @Nullable Context readNullable(AvroInput input) {
        return input.readBranch() ? read(input) : null;
    }

    static Context of(Collection<?> generic) {
        List<Stamp> stamps = new ArrayList<>();
        generic.forEach(item -> stamps.add(stamp((GenericRecord) item)));
        return Context.of(stamps);
    }

    static void write(AvroOutput output, Stamp stamp) {
        output.writeString(stamp.origin());
        output.writeLong(stamp.hybridMicros());
        output.writeLong(stamp.number());
    }

    static Stamp readStamp(AvroInput input) {
        String origin = input.readOrigin();
        return new Stamp(input.readLong(), input.readInt(), origin);
    }

    static Stamp stamp(GenericRecord generic) {
        return new Stamp(
                (Long) generic.get("hybridMicros"),
                (Integer) generic.get("number"),
                generic.get("origin").toString());
    }
}
