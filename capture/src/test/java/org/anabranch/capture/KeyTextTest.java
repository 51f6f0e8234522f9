package org.anabranch.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.anabranch.capture.SourceTable.KeyColumn;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyTextTest {

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "numeric,1.0,1",
                "numeric,1.00,1",
                "numeric,100,100",
                "numeric,-0.50,-0.5",
                "numeric,0.00,0",
                "numeric,NaN,NaN",
                "numeric,-Infinity,-Infinity",
                "double precision,-0,0",
                "double precision,1e+20,1e+20",
                "real,-0,0",
                "character,a b  ,a b",
                "character,'   ',''",
                "bpchar,x ,x",
                "text,x ,x ",
                "text,1.0,1.0",
                "uuid,-0,-0"
            })
    void equalValuesHaveOneText(String type, String text, String canonical) {
        assertThat(KeyText.canonical(new KeyColumn("k", type, null), text)).isEqualTo(canonical);
    }

    @Test
    void aRowsKeyIsInTheKeysOrder() {
        assertThat(keyText().of(new String[] {"1.10", "v", "b "})).containsExactly("b", "1.1");
    }

    @Test
    void aKeyWithoutAValueIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keyText().of(new String[] {"1", "v", null}))
                .withMessageContaining("key column 1");
    }

    private static KeyText keyText() {
        TableSchema schema = new TableSchema(
                new TableName("s", "t"),
                List.of(
                        new TableSchema.Column("a", "numeric(5,2)"),
                        new TableSchema.Column("v", "text"),
                        new TableSchema.Column("b", "character(3)")),
                List.of("b", "a"),
                "DEFAULT",
                List.of());
        List<KeyColumn> key = List.of(new KeyColumn("b", "character", null), new KeyColumn("a", "numeric", null));
        return KeyText.of(new SourceTable(schema, key, false));
    }
}
