package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.jspecify.annotations.Nullable;

/**
 * A table as it stands in the target's catalog.
 *
 * @param name its name
 * @param columns all columns, by name, in their order
 * @param key the primary key's columns, in its order, each with the operator that its index takes for equal; empty without one
 * @param deferrableKey whether the primary key is deferrable: it cannot serve ON CONFLICT then
 */
record TargetTable(TableName name, Map<String, Column> columns, Map<String, String> key, boolean deferrableKey) {

    /**
     * @param type as format_type writes it, with its modifiers
     * @param arrayType the array type over it, without modifiers, so that a value that is too long fails and is not cut;
     *     null for an array, over which there is none, and for a composite type, which unnest would take apart
     * @param plainType the type without modifiers
     * @param delimiter between elements of an array of it
     * @param identityAlways whether it may be written by an INSERT that overrides, and by no UPDATE
     * @param generated whether the target calculates it
     */
    record Column(
            String type,
            @Nullable String arrayType,
            String plainType,
            char delimiter,
            boolean identityAlways,
            boolean generated) {}

    private static final String COLUMNS = """
            SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type,
                   CASE WHEN t.typarray <> 0 AND NOT EXISTS (
                       WITH RECURSIVE base AS (
                           SELECT t.typtype, t.typbasetype
                           UNION ALL SELECT b.typtype, b.typbasetype FROM base JOIN pg_type b ON b.oid = base.typbasetype)
                       SELECT FROM base WHERE typtype = 'c') THEN format_type(t.typarray, -1) END AS array_type,
                   format_type(a.atttypid, -1) AS plain_type, t.typdelim, a.attidentity = 'a' AS identity_always,
                   a.attgenerated <> '' AS generated
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
            WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum""";

    private static final String KEY = """
            SELECT a.attname, NOT i.indimmediate AS deferrable, format('OPERATOR(%I.%s)', opn.nspname, op.oprname) AS equal
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
                 CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
                 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
                 JOIN pg_opclass opc ON opc.oid = i.indclass[k.place - 1]
                 JOIN pg_amop ao ON ao.amopfamily = opc.opcfamily AND ao.amopstrategy = 3
                      AND ao.amoplefttype = opc.opcintype AND ao.amoprighttype = opc.opcintype
                 JOIN pg_operator op ON op.oid = ao.amopopr JOIN pg_namespace opn ON opn.oid = op.oprnamespace
            WHERE n.nspname = ? AND c.relname = ? AND k.place <= i.indnkeyatts
            ORDER BY k.place""";

    /** Null if there is no such table. */
    static @Nullable TargetTable read(Connection connection, TableName name) throws SQLException {
        Map<String, Column> columns = new LinkedHashMap<>();
        try (PreparedStatement statement = prepare(connection, COLUMNS, name);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                columns.put(text(rows, "attname"), column(rows));
            }
        }
        Map<String, String> key = new LinkedHashMap<>();
        boolean deferrable = false;
        try (PreparedStatement statement = prepare(connection, KEY, name);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                key.put(text(rows, "attname"), text(rows, "equal"));
                deferrable = rows.getBoolean("deferrable");
            }
        }
        return columns.isEmpty() ? null : new TargetTable(name, columns, key, deferrable);
    }

    private static Column column(ResultSet rows) throws SQLException {
        return new Column(
                text(rows, "type"),
                rows.getString("array_type"),
                text(rows, "plain_type"),
                text(rows, "typdelim").charAt(0),
                rows.getBoolean("identity_always"),
                rows.getBoolean("generated"));
    }

    private static PreparedStatement prepare(Connection connection, String sql, TableName name) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.setString(1, name.schema());
        statement.setString(2, name.table());
        return statement;
    }

    private static String text(ResultSet row, String column) throws SQLException {
        @Nullable String text = row.getString(column);
        return text == null ? "" : text;
    }

    /** What keeps changes of that schema from being applied to this table; empty if nothing does. */
    List<String> misfits(TableSchema schema) {
        List<String> misfits = new ArrayList<>();
        for (TableSchema.Column wanted : schema.columns()) {
            Column column = columns.get(wanted.name());
            if (column == null) {
                misfits.add("column " + TableName.quote(wanted.name()) + " " + wanted.type() + " is missing");
            } else if (column.generated()) {
                misfits.add(
                        "column " + TableName.quote(wanted.name()) + " is generated there and is not in the origin");
            } else if (!column.type().equals(wanted.type())) {
                misfits.add("column " + TableName.quote(wanted.name()) + " is " + column.type() + " there and "
                        + wanted.type() + " in the origin");
            }
        }
        if (!key.keySet().equals(new HashSet<>(schema.key()))) {
            misfits.add("its primary key is " + key.keySet() + " there and " + schema.key() + " in the origin");
        }
        return misfits;
    }
}
