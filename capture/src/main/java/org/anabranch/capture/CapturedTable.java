package org.anabranch.capture;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.anabranch.schemas.RecordKey;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableSchema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** How one table's rows are read out of Debezium's structs, and what their keys are. */
final class CapturedTable {

    private final TableSchema schema;
    private final long fingerprint;
    private final String[] columnNames;
    private final int[] keyIndexes;
    private final List<UnaryOperator<String>> keyTexts = new ArrayList<>();

    CapturedTable(TableSchema schema) {
        this.schema = schema;
        fingerprint = schema.fingerprint();
        columnNames = schema.columns().stream().map(TableSchema.Column::name).toArray(String[]::new);
        keyIndexes = schema.keyIndexes();
        for (int index : keyIndexes) {
            keyTexts.add(KeyText.canonical(schema.columns().get(index).type()));
        }
    }

    TableSchema schema() {
        return schema;
    }

    long fingerprint() {
        return fingerprint;
    }

    /** The whole row. A column's default never stands in for a null. */
    Row row(Struct struct) {
        @Nullable String[] texts = new @Nullable String[columnNames.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = (String) struct.getWithoutDefault(columnNames[i]);
        }
        return Row.of(texts);
    }

    /** The key's columns only, the others holes: what a delete says of the old row. */
    Row keyRow(Struct struct) {
        @Nullable String[] texts = new @Nullable String[columnNames.length];
        java.util.Arrays.fill(texts, Row.UNCHANGED);
        for (int index : keyIndexes) {
            texts[index] = (String) struct.getWithoutDefault(columnNames[index]);
        }
        return Row.of(texts);
    }

    /** The record key of a row, the same bytes for keys that PostgreSQL holds equal. */
    byte[] key(Row row) {
        List<String> values = new ArrayList<>(keyIndexes.length);
        for (int i = 0; i < keyIndexes.length; i++) {
            String text = row.text(keyIndexes[i]);
            if (text == null || row.isUnchanged(keyIndexes[i])) {
                throw new IllegalStateException("a row of " + schema.name() + " came without its key column "
                        + columnNames[keyIndexes[i]] + "; its replica identity (" + schema.replicaIdentity()
                        + ") must hold the primary key");
            }
            values.add(keyTexts.get(i).apply(text));
        }
        return new RecordKey(schema.name(), values).encode();
    }
}
