package org.anabranch.capture;

import io.debezium.DebeziumException;
import io.debezium.connector.postgresql.UnchangedToastedReplicationMessageColumn;
import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import java.util.HexFormat;
import java.util.Properties;
import org.anabranch.schemas.Row;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/** Takes every column's value as the text that {@link TextTypes} left it, and refuses any other: never a lossy value. */
public final class TextConverter implements CustomConverter<SchemaBuilder, RelationalColumn> {

    @Override
    public void configure(Properties properties) {}

    @Override
    public void converterFor(RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
        String name = column.dataCollection() + "." + column.name();
        boolean isBytea = TextTypes.BYTEA.equals(column.typeName());
        registration.register(
                SchemaBuilder.string().optional(), value -> isBytea ? hex(value, name) : text(value, name));
    }

    private static @Nullable Object text(@Nullable Object value, String column) {
        return switch (value) {
            case null -> null;
            case String text -> text;
            default -> unchanged(value, column);
        };
    }

    private static @Nullable Object hex(@Nullable Object value, String column) {
        return switch (value) {
            case null -> null;
            case byte[] bytes -> "\\x" + HexFormat.of().formatHex(bytes);
            default -> unchanged(value, column);
        };
    }

    private static Object unchanged(Object value, String column) {
        if (UnchangedToastedReplicationMessageColumn.isUnchangedToastedValue(value)) {
            return Row.UNCHANGED;
        }
        throw new DebeziumException(
                "a value of " + column + " came as " + value.getClass().getName()
                        + " and not as text, so it may not be exact; its type is probably newer than this capture, which has to"
                        + " start again to know it");
    }
}
