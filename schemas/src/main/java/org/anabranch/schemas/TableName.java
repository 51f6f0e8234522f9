package org.anabranch.schemas;

/**
 * A table's schema and name as PostgreSQL holds them, unquoted.
 *
 * @param schema for example {@code public}
 * @param table for example {@code Order lines}
 */
public record TableName(String schema, String table) implements Comparable<TableName> {

    /** For statements: both parts quoted. */
    public String quoted() {
        return quote(schema) + "." + quote(table);
    }

    /** An SQL identifier, always in quotes. */
    public static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    @Override
    public int compareTo(TableName other) {
        int bySchema = schema.compareTo(other.schema);
        return bySchema != 0 ? bySchema : table.compareTo(other.table);
    }

    /** For people: quoted only where PostgreSQL would need it. */
    @Override
    public String toString() {
        return readable(schema) + "." + readable(table);
    }

    private static String readable(String identifier) {
        return identifier.matches("[a-z_][a-z0-9_$]*") ? identifier : quote(identifier);
    }
}
