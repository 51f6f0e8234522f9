package org.anabranch.replicator;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.conflict.Conflict;
import org.anabranch.conflict.RecentChange;
import org.anabranch.schemas.ConflictRecord;
import org.anabranch.schemas.Json;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableSchema.Column;
import org.jspecify.annotations.Nullable;

/** Gives the columns of conflicts their names, so that the journal can be written and read without the table. */
final class ConflictRecords {

    private ConflictRecords() {}

    static List<ConflictRecord> of(ContestedTable table, List<Conflict> conflicts) {
        return conflicts.isEmpty()
                ? List.of()
                : conflicts.stream()
                        .map(conflict -> new ConflictRecord(
                                side(table, conflict.earlier()),
                                side(table, conflict.later()),
                                conflict.losses().stream()
                                        .map(loss -> loss(table, loss))
                                        .toList()))
                        .toList();
    }

    private static ConflictRecord.Side side(ContestedTable table, RecentChange change) {
        List<String> columns =
                table.schema().columns().stream().map(Column::name).toList();
        String json = json(columns, table.row(change.row()));
        return new ConflictRecord.Side(change.stamp(), change.commitMicros(), change.isDelete(), json);
    }

    /** A row as the journal has it. */
    static String json(List<String> columns, Row row) {
        Map<String, @Nullable String> texts = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            texts.put(columns.get(i), row.text(i));
        }
        return new String(Json.write(texts), StandardCharsets.UTF_8);
    }

    private static ConflictRecord.Loss loss(ContestedTable table, Conflict.Loss loss) {
        List<String> columns = loss.columns().stream().map(table::columnName).toList();
        return new ConflictRecord.Loss(columns, loss.policy(), loss.winner());
    }
}
