package org.anabranch.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.anabranch.schemas.TableSchema.Column;
import org.anabranch.schemas.TableSchema.CreateStatement;
import org.junit.jupiter.api.Test;

class TableSchemaTest {

    private static final TableSchema CUSTOMERS = new TableSchema(
            new TableName("public", "customers"),
            List.of(new Column("id", "bigint"), new Column("name", "text")),
            List.of("id"),
            "DEFAULT",
            List.of(new CreateStatement("table", "public.customers", "SELECT 1", "CREATE TABLE ...")));

    @Test
    void theFingerprintChangesWithWhatAChangesValuesMeanAndWithNothingElse() {
        TableSchema otherWayToCreate =
                new TableSchema(CUSTOMERS.name(), CUSTOMERS.columns(), CUSTOMERS.key(), "FULL", List.of());
        TableSchema otherOrder = new TableSchema(
                CUSTOMERS.name(), CUSTOMERS.columns().reversed(), CUSTOMERS.key(), "DEFAULT", List.of());

        TableSchema unique = unique("name");

        assertThat(unique.fingerprint())
                .isNotEqualTo(CUSTOMERS.fingerprint())
                .isNotEqualTo(unique("id", "name").fingerprint());
        assertThat(otherWayToCreate.fingerprint()).isEqualTo(CUSTOMERS.fingerprint());
        assertThat(otherOrder.fingerprint()).isNotEqualTo(CUSTOMERS.fingerprint());
    }

    @Test
    void itIsReadBackFromTheSchemasTopic() throws Exception {
        for (TableSchema schema : List.of(CUSTOMERS, unique("name"))) {
            SchemaRecord record = new SchemaRecord.OfTable(schema);
            assertThat(SchemaRecord.decode(record.key(), record.value())).isEqualTo(record);
        }
    }

    @Test
    void oneThatSaysNothingOfUniqueColumnsHasNone() throws Exception {
        SchemaRecord record = new SchemaRecord.OfTable(CUSTOMERS);
        String json = new String(record.value(), StandardCharsets.UTF_8);
        String older = json.replace(",\"unique\":[]", "");

        assertThat(older).isNotEqualTo(json);
        assertThat(SchemaRecord.decode(record.key(), older.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(record);
    }

    private static TableSchema unique(String... columns) {
        return new TableSchema(
                CUSTOMERS.name(), CUSTOMERS.columns(), CUSTOMERS.key(), "FULL", List.of(), List.of(columns));
    }

    @Test
    void avroSchemasAreReadBackFromTheSchemasTopic() throws Exception {
        for (var written : RecordCodec.written().entrySet()) {
            SchemaRecord record = new SchemaRecord.OfAvro(written.getKey(), written.getValue());
            assertThat(SchemaRecord.decode(record.key(), record.value())).isEqualTo(record);
        }
    }
}
