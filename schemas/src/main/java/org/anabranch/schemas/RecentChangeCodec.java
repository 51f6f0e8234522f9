package org.anabranch.schemas;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.RecentChange;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.Values;
import org.jspecify.annotations.Nullable;

/** The recent changes of a row, as row-entry.avsc has them. */
final class RecentChangeCodec {

    /** A row has at least a key. */
    private static final Values AS_NOW = Values.of();

    private RecentChangeCodec() {}

    /** @param read what is read of the row, if anything is */
    static void write(
            AvroOutput output, EntryStamps stamps, List<RecentChange> changes, Supplier<Optional<Values>> read) {
        if (!changes.isEmpty()) {
            Values now = read.get().orElse(null);
            output.writeLong(changes.size());
            for (RecentChange change : changes) {
                write(output, stamps, change, now);
            }
        }
        output.writeLong(0);
    }

    private static void write(AvroOutput output, EntryStamps stamps, RecentChange change, @Nullable Values now) {
        stamps.write(output, change.stamp());
        stamps.write(output, change.context());
        output.writeLong(change.commitMicros());
        output.writeBoolean(change.isDelete());
        CellCodec.writeTexts(output, change.row().equals(now) ? AS_NOW : change.row());
        if (!change.rules().isEmpty()) {
            output.writeLong(change.rules().size());
            change.rules().forEach(output::writeLong);
        }
        output.writeLong(0);
    }

    static List<RecentChange> read(AvroInput input, EntryStamps stamps) {
        List<RecentChange> changes = new ArrayList<>(1);
        for (int block = input.readBlock(); block != 0; block = input.readBlock()) {
            for (int i = 0; i < block; i++) {
                changes.add(readOne(input, stamps));
            }
        }
        return changes;
    }

    private static RecentChange readOne(AvroInput input, EntryStamps stamps) {
        Stamp stamp = stamps.readStamp(input);
        Context context = stamps.readContext(input);
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

    /**
     * Gives those their rows that were written without. Where nothing is read any more, the table's policies have changed
     * since, and they are forgotten.
     *
     * @param read what is read of the row, if anything is
     */
    static List<RecentChange> whole(List<RecentChange> changes, Supplier<Optional<Values>> read) {
        List<RecentChange> whole = new ArrayList<>(changes.size());
        Optional<Values> row = Optional.empty();
        boolean isRead = false;
        for (RecentChange change : changes) {
            if (!isAsNow(change)) {
                whole.add(change);
                continue;
            }
            if (!isRead) {
                row = read.get();
                isRead = true;
            }
            row.map(change::with).ifPresent(whole::add);
        }
        return whole;
    }

    private static boolean isAsNow(RecentChange change) {
        return change.row().equals(AS_NOW);
    }
}
