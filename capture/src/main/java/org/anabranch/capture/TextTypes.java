package org.anabranch.capture;

import io.debezium.DebeziumException;
import io.debezium.connector.postgresql.PostgresType;
import io.debezium.connector.postgresql.PostgresValueConverter;
import io.debezium.connector.postgresql.TypeRegistry;
import java.lang.reflect.Field;
import java.util.Map;

/**
 * Makes Debezium hand every value on as the text that PostgreSQL sent. Debezium parses a value by its type's name before a
 * converter sees it, and loses some in doing so (offsets of timetz, infinite intervals, array bounds and more; some stop
 * the engine). So each type in its registry, but bytea, is replaced by one of the same oid with the name "text".
 *
 * <p>This is the one place where configuration and extension points do not reach: the registry and its map are private.
 * Where they cannot be found, capture refuses to start; {@link TextConverter} refuses any value that was parsed after all.
 */
final class TextTypes {

    static final String TEXT = "text";
    static final String BYTEA = "bytea";

    private TextTypes() {}

    static void keepValuesAsText(PostgresValueConverter converter) {
        try {
            TypeRegistry registry = (TypeRegistry) read(PostgresValueConverter.class, "typeRegistry", converter);
            @SuppressWarnings("unchecked")
            Map<Integer, PostgresType> types =
                    (Map<Integer, PostgresType>) read(TypeRegistry.class, "oidToType", registry);
            types.replaceAll((oid, type) -> BYTEA.equals(type.getName()) ? type : asText(registry, type));
        } catch (ReflectiveOperationException | ClassCastException | NullPointerException e) {
            throw new DebeziumException(
                    "this Debezium keeps its types elsewhere than 3.6 does, so values cannot be kept exact;"
                            + " use the Debezium version that Anabranch was built with",
                    e);
        }
    }

    /** Its element and parent types stay: Debezium makes a converter of its own for the column, though it is never used. */
    private static PostgresType asText(TypeRegistry registry, PostgresType type) {
        PostgresType.Builder text =
                new PostgresType.Builder(registry, TEXT, type.getOid(), type.getJdbcId(), -1, type.getTypeInfo());
        if (type.getElementType() != null) {
            text.elementType(type.getElementType().getOid());
        }
        if (type.getParentType() != null) {
            text.parentType(type.getParentType().getOid());
        }
        return text.build();
    }

    private static Object read(Class<?> type, String name, Object from) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        Object value = field.get(from);
        if (value == null) {
            throw new NoSuchFieldException(type.getSimpleName() + "." + name + " is empty");
        }
        return value;
    }
}
