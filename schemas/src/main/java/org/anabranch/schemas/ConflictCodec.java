package org.anabranch.schemas;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Conflicts, as bundle.avsc has them. */
final class ConflictCodec {

    private ConflictCodec() {}

    /** As the other branch of a union with null, which stands for none. */
    static void write(AvroOutput output, List<ConflictRecord> conflicts) {
        output.writeLong(conflicts.isEmpty() ? 0 : 1);
        if (!conflicts.isEmpty()) {
            writeAll(output, conflicts, ConflictCodec::write);
        }
    }

    private static void write(AvroOutput output, ConflictRecord conflict) {
        write(output, conflict.earlier());
        write(output, conflict.later());
        writeAll(output, conflict.losses(), ConflictCodec::write);
    }

    private static void write(AvroOutput output, ConflictRecord.Side side) {
        Contexts.write(output, side.stamp());
        output.writeLong(side.commitMicros());
        output.writeBoolean(side.isDelete());
        output.writeString(side.row());
    }

    private static void write(AvroOutput output, ConflictRecord.Loss loss) {
        writeAll(output, loss.columns(), AvroOutput::writeString);
        output.writeString(loss.policy());
        output.writeString(loss.winner());
    }

    private static <T> void writeAll(AvroOutput output, List<T> items, BiConsumer<AvroOutput, T> write) {
        if (!items.isEmpty()) {
            output.writeLong(items.size());
            items.forEach(item -> write.accept(output, item));
        }
        output.writeLong(0); // the end of the array's blocks
    }

    static List<ConflictRecord> read(AvroInput input) {
        return input.readBranch() ? readAll(input, ConflictCodec::readConflict) : List.of();
    }

    private static ConflictRecord readConflict(AvroInput input) {
        return new ConflictRecord(readSide(input), readSide(input), readAll(input, ConflictCodec::readLoss));
    }

    private static ConflictRecord.Side readSide(AvroInput input) {
        return new ConflictRecord.Side(
                Contexts.readStamp(input), input.readLong(), input.readBoolean(), input.readString());
    }

    private static ConflictRecord.Loss readLoss(AvroInput input) {
        return new ConflictRecord.Loss(readAll(input, AvroInput::readString), input.readString(), input.readOrigin());
    }

    private static <T> List<T> readAll(AvroInput input, Function<AvroInput, T> read) {
        List<T> items = new ArrayList<>();
        for (int block = input.readBlock(); block != 0; block = input.readBlock()) {
            for (int i = 0; i < block; i++) {
                items.add(read.apply(input));
            }
        }
        return items;
    }

    /** What Avro resolved from another version's schema. */
    static List<ConflictRecord> of(@Nullable Collection<?> generic) {
        return generic == null
                ? List.of()
                : generic.stream().map(item -> conflict((GenericRecord) item)).toList();
    }

    private static ConflictRecord conflict(GenericRecord conflict) {
        return new ConflictRecord(
                side((GenericRecord) conflict.get("earlier")),
                side((GenericRecord) conflict.get("later")),
                ((Collection<?>) conflict.get("losses"))
                        .stream().map(item -> loss((GenericRecord) item)).toList());
    }

    private static ConflictRecord.Side side(GenericRecord side) {
        return new ConflictRecord.Side(
                Contexts.stamp((GenericRecord) side.get("stamp")),
                (Long) side.get("commitMicros"),
                (Boolean) side.get("isDelete"),
                side.get("row").toString());
    }

    private static ConflictRecord.Loss loss(GenericRecord loss) {
        return new ConflictRecord.Loss(
                ((Collection<?>) loss.get("columns"))
                        .stream().map(Object::toString).toList(),
                loss.get("policy").toString(),
                loss.get("winner").toString());
    }
}
