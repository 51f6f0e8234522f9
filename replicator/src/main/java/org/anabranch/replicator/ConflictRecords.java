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
        return conflicts.stream()
                .map(conflict -> new ConflictRecord(
                        side(table, conflict.earlier()),
                        side(table, conflict.later()),
                        conflict.losses().stream()
                                .map(loss -> loss(table, loss))
                                .toList()))
                .toList();
    }

    private static ConflictRecord.Side side(ContestedTable table, RecentChange change) {
        Row row = table.row(change.row());
        List<Column> columns = table.schema().columns();
        Map<String, @Nullable String> texts = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            texts.put(columns.get(i).name(), row.text(i));
        }
        String json = new String(Json.write(texts), StandardCharsets.UTF_8);
        return new ConflictRecord.Side(change.stamp(), change.commitMicros(), change.isDelete(), json);
    }

    private static ConflictRecord.Loss loss(ContestedTable table, Conflict.Loss loss) {
        List<String> columns = loss.columns().stream().map(table::columnName).toList();
        return new ConflictRecord.Loss(columns, loss.policy(), loss.winner());
    }
}
