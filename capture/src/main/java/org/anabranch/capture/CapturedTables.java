package org.anabranch.capture;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.anabranch.schemas.TableSchema.Column;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;

/**
 * Finds a change's table, and publishes its schema before the first change that needs it. Debezium makes a new schema object
 * where a table's columns changed, so an object that was not seen before is looked up anew.
 */
final class CapturedTables {

    /** Schema objects that are remembered; a database whose tables change more often forgets and asks again. */
    private static final int REMEMBERED_MAX = 20_000;

    /** Reads a table's present definition. */
    interface Definitions {
        /** @throws PartFailedException if the table is gone or has no primary key any more */
        SourceTable read(TableName table) throws Exception;
    }

    private final Definitions definitions;
    private final SchemaPublisher publisher;
    private final Predicate<TableName> contested;
    private final IdentityHashMap<Schema, CapturedTable> byDebeziumSchema = new IdentityHashMap<>();
    private final Set<Long> published = ConcurrentHashMap.newKeySet();

    /** @param contested whether several regions write a table */
    CapturedTables(Definitions definitions, SchemaPublisher publisher, Predicate<TableName> contested) {
        this.definitions = definitions;
        this.publisher = publisher;
        this.contested = contested;
    }

    CapturedTable of(TableName name, Schema debeziumSchema, Struct change) throws Exception {
        CapturedTable known = byDebeziumSchema.get(debeziumSchema);
        if (known != null) {
            return known;
        }
        CapturedTable table = publish(asStreamed(definitions.read(name), change));
        if (byDebeziumSchema.size() >= REMEMBERED_MAX) {
            byDebeziumSchema.clear();
        }
        byDebeziumSchema.put(debeziumSchema, table);
        return table;
    }

    /** Makes a table's schema known, and returns how its rows are read. */
    CapturedTable publish(SourceTable table) throws Exception {
        if (published.add(table.schema().fingerprint())) {
            publisher.publish(table.schema());
        }
        return new CapturedTable(table, contested.test(table.schema().name()));
    }

    /**
     * The definition is read when the change goes by, and may be newer than it: what the stream says of the columns wins.
     */
    private static SourceTable asStreamed(SourceTable table, Struct change) throws PartFailedException {
        TableSchema present = table.schema();
        List<Field> fields = change.schema().field("after").schema().fields();
        List<Column> columns = new ArrayList<>();
        for (Field field : fields) {
            int index = present.indexOf(field.name());
            columns.add(index >= 0 ? present.columns().get(index) : new Column(field.name(), "text"));
        }
        TableSchema streamed = new TableSchema(
                present.name(),
                columns,
                present.key(),
                present.replicaIdentity(),
                present.createStatements(),
                present.unique());
        if (present.key().stream().anyMatch(key -> streamed.indexOf(key) < 0)) {
            throw new PartFailedException(
                    "the primary key of " + present.name() + " (" + String.join(", ", present.key())
                            + ") is not in an earlier change of it; the table has to be copied again");
        }
        return new SourceTable(streamed, table.keyColumns(), table.partitioned());
    }
}
