package org.anabranch.schemas;

import java.util.ArrayList;
import java.util.List;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.RecentChange;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.Values;

/** The recent changes of a row, as row-entry.avsc has them. */
final class RecentChangeCodec {

    private RecentChangeCodec() {}

    static void write(AvroOutput output, List<RecentChange> changes) {
        if (!changes.isEmpty()) {
            output.writeLong(changes.size());
            changes.forEach(change -> write(output, change));
        }
        output.writeLong(0);
    }

    private static void write(AvroOutput output, RecentChange change) {
        Contexts.write(output, change.stamp());
        Contexts.write(output, change.context());
        output.writeLong(change.commitMicros());
        output.writeBoolean(change.isDelete());
        CellCodec.writeTexts(output, change.row());
        if (!change.rules().isEmpty()) {
            output.writeLong(change.rules().size());
            change.rules().forEach(output::writeLong);
        }
        output.writeLong(0);
    }

    static List<RecentChange> read(AvroInput input) {
        List<RecentChange> changes = new ArrayList<>(1);
        for (int block = input.readBlock(); block != 0; block = input.readBlock()) {
            for (int i = 0; i < block; i++) {
                changes.add(readOne(input));
            }
        }
        return changes;
    }

    private static RecentChange readOne(AvroInput input) {
        Stamp stamp = Contexts.readStamp(input);
        Context context = Contexts.read(input);
        long commitMicros = input.readLong();
        boolean isDelete = input.readBoolean();
        Values row = CellCodec.readTexts(input);
        List<Integer> rules = new ArrayList<>(1);
        for (int block = input.readBlock(); block != 0; block = input.readBlock()) {
            for (int i = 0; i < block; i++) {
                rules.add(input.readInt());
            }
        }
        return new RecentChange(stamp, context, commitMicros, isDelete, row, rules);
    }
}
