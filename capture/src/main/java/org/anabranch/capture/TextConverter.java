package org.anabranch.capture;

import io.debezium.connector.postgresql.UnchangedToastedReplicationMessageColumn;
import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Properties;
import org.anabranch.schemas.Row;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Takes every column's value as the text that {@link TextTypes} left it. What came otherwise becomes {@link #NOT_TEXT}, which
 * {@link CapturedTable} refuses: never a lossy value. (It cannot be refused here: Debezium also sends a column's default
 * through, parsed, while it has not seen the table in the stream yet; defaults are not used.)
 */
public final class TextConverter implements CustomConverter<SchemaBuilder, RelationalColumn> {

    /** Stands for a value that may not be exact; told from a text of the same letters by identity. */
    @SuppressWarnings("StringOperationCanBeSimplified") // an identity of its own is what it is for
    static final String NOT_TEXT = new String("<not text>");

    /** Property: the id of the run's {@link LargeValues}. */
    static final String RUN = "run";

    private @Nullable LargeValues largeValues;

    @Override
    public void configure(Properties properties) {
        largeValues = LargeValues.of(properties.getProperty(RUN));
    }

    @Override
    public void converterFor(RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
        Converter converter = converter(column.typeName());
        LargeValues run = Objects.requireNonNull(largeValues, "configure comes first");
        registration.register(SchemaBuilder.string().optional(), value -> {
            Object converted = converter.convert(value);
            if (converted instanceof String text) {
                run.admit(text.length());
            }
            return converted;
        });
    }

    private static Converter converter(String typeName) {
        return switch (typeName) {
            case TextTypes.TEXT -> TextConverter::text;
            case TextTypes.BYTEA -> TextConverter::hex;
            default -> value -> value == null ? null : NOT_TEXT;
        };
    }

    private static @Nullable Object text(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case String text -> text;
            default -> unchanged(value);
        };
    }

    private static @Nullable Object hex(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case byte[] bytes -> "\\x" + HexFormat.of().formatHex(bytes);
            default -> unchanged(value);
        };
    }

    private static Object unchanged(Object value) {
        return UnchangedToastedReplicationMessageColumn.isUnchangedToastedValue(value) ? Row.UNCHANGED : NOT_TEXT;
    }
}
