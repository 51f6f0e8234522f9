package org.anabranch.capture;

import java.util.Arrays;
import java.util.List;
import org.anabranch.schemas.RecordKey;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableSchema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** How one table's rows are read out of Debezium's structs, and what their keys are. */
final class CapturedTable {

    private final SourceTable source;
    private final long fingerprint;
    private final String[] columnNames;
    private final int[] keyIndexes;
    private final KeyText keyText;
    private final boolean contested;

    /** @param contested whether several regions write it */
    CapturedTable(SourceTable source, boolean contested) {
        this.source = source;
        this.contested = contested;
        fingerprint = source.schema().fingerprint();
        columnNames =
                source.schema().columns().stream().map(TableSchema.Column::name).toArray(String[]::new);
        keyIndexes = source.schema().keyIndexes();
        keyText = KeyText.of(source);
    }

    TableSchema schema() {
        return source.schema();
    }

    SourceTable source() {
        return source;
    }

    boolean contested() {
        return contested;
    }

    long fingerprint() {
        return fingerprint;
    }

    /** The whole row. A column's default never stands in for a null. */
    Row row(Struct struct) {
        @Nullable String[] texts = new @Nullable String[columnNames.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = text(struct, i);
        }
        return Row.of(texts);
    }

    /** The key's columns only, the others holes: what a delete says of the old row. */
    Row keyRow(Struct struct) {
        @Nullable String[] texts = new @Nullable String[columnNames.length];
        Arrays.fill(texts, Row.UNCHANGED);
        for (int index : keyIndexes) {
            texts[index] = text(struct, index);
        }
        return Row.of(texts);
    }

    @SuppressWarnings("ReferenceEquality")
    private @Nullable String text(Struct struct, int column) {
        String text = (String) struct.getWithoutDefault(columnNames[column]);
        if (text == TextConverter.NOT_TEXT) {
            throw new IllegalStateException("a value of " + schema().name() + "." + columnNames[column]
                    + " did not come as text, so it may not be exact; its type is probably newer than this run of capture,"
                    + " which starts again to know it");
        }
        return text;
    }

    /** The record key of a row, the same bytes for keys that PostgreSQL holds equal. */
    byte[] key(Row row) {
        for (int index : keyIndexes) {
            if (row.text(index) == null || row.isUnchanged(index)) {
                throw new IllegalStateException("a row of " + schema().name() + " came without its key column "
                        + columnNames[index] + "; its replica identity (" + schema().replicaIdentity()
                        + ") must hold the primary key");
            }
        }
        return key(keyText.of(row));
    }

    /** The record key of a row whose canonical key texts are known. */
    byte[] key(List<String> keyTexts) {
        return new RecordKey(schema().name(), keyTexts).encode();
    }
}
