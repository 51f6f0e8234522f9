package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.schemas.TableName;
import org.jspecify.annotations.Nullable;

/**
 * What no two rows of a table may have the same, beside its primary key.
 *
 * @param name of the index, as a person knows it
 * @param expressions columns, or what is calculated of them, as SQL
 * @param operators what the index takes for equal, for each
 * @param condition which rows are in the index, as SQL; null for all
 * @param areNullsSame whether nulls are taken for equal
 */
record UniqueIndex(
        String name,
        List<String> expressions,
        List<String> operators,
        @Nullable String condition,
        boolean areNullsSame) {

    /** Without those that need a generated column, which does not travel: rows in such an index's way are not found. */
    private static final String READ = """
            SELECT x.relname, pg_get_indexdef(i.indexrelid, k.place, true)
                       || CASE WHEN co.oid IS NULL THEN '' ELSE format(' COLLATE %I.%I', con.nspname, co.collname) END AS expression,
                   format('OPERATOR(%I.%s)', opn.nspname, op.oprname) AS equal,
                   pg_get_expr(i.indpred, i.indrelid, true) AS condition, i.indnullsnotdistinct
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 JOIN pg_index i ON i.indrelid = c.oid AND i.indisunique AND i.indisready AND NOT i.indisprimary
                 JOIN pg_class x ON x.oid = i.indexrelid
                 CROSS JOIN LATERAL generate_series(1, i.indnkeyatts) AS k(place)
                 LEFT JOIN pg_collation co ON co.oid = i.indcollation[k.place - 1] AND co.collname <> 'default'
                 LEFT JOIN pg_namespace con ON con.oid = co.collnamespace
                 JOIN pg_opclass opc ON opc.oid = i.indclass[k.place - 1]
                 JOIN pg_amop ao ON ao.amopfamily = opc.opcfamily AND ao.amopstrategy = 3
                      AND ao.amoplefttype = opc.opcintype AND ao.amoprighttype = opc.opcintype
                 JOIN pg_operator op ON op.oid = ao.amopopr JOIN pg_namespace opn ON opn.oid = op.oprnamespace
            WHERE n.nspname = ? AND c.relname = ? AND NOT EXISTS (
                SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attgenerated <> '' AND (
                    a.attnum = ANY (i.indkey::int2[]) OR EXISTS (
                        SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                            AND d.refobjid = c.oid AND d.refobjsubid = a.attnum)))
            ORDER BY x.relname, k.place""";

    UniqueIndex {
        expressions = List.copyOf(expressions);
        operators = List.copyOf(operators);
    }

    static List<UniqueIndex> read(Connection connection, TableName table) throws SQLException {
        Map<String, UniqueIndex> indexes = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    UniqueIndex part = new UniqueIndex(
                            String.valueOf(rows.getString(1)),
                            List.of(String.valueOf(rows.getString(2))),
                            List.of(String.valueOf(rows.getString(3))),
                            rows.getString(4),
                            rows.getBoolean(5));
                    indexes.merge(part.name, part, UniqueIndex::and);
                }
            }
        }
        return List.copyOf(indexes.values());
    }

    private static UniqueIndex and(UniqueIndex index, UniqueIndex next) {
        List<String> expressions = new ArrayList<>(index.expressions);
        List<String> operators = new ArrayList<>(index.operators);
        expressions.addAll(next.expressions);
        operators.addAll(next.operators);
        return new UniqueIndex(index.name, expressions, operators, index.condition, index.areNullsSame);
    }

    /** What is in it of a relation with the table's columns, as {@code k0, k1, ...} beside other columns. */
    String of(String relation, String others) {
        StringBuilder select = new StringBuilder("(SELECT ").append(others);
        for (int i = 0; i < expressions.size(); i++) {
            select.append(others.isEmpty() && i == 0 ? "" : ", ")
                    .append('(')
                    .append(statement(expressions.get(i)))
                    .append(") AS k")
                    .append(i);
        }
        select.append(" FROM ").append(relation);
        return select.append(condition == null ? ")" : " WHERE " + statement(condition) + ")")
                .toString();
    }

    /** In a prepared statement an operator's question mark is written twice; those in quotes stay. */
    private static String statement(String sql) {
        StringBuilder statement = new StringBuilder();
        char quote = 0;
        for (int i = 0; i < sql.length(); i++) {
            char c = sql.charAt(i);
            if (quote == 0 && c == '?') {
                statement.append('?');
            } else if (quote == 0 && (c == '\'' || c == '"')) {
                quote = c;
            } else if (c == quote) {
                quote = 0;
            }
            statement.append(c);
        }
        return statement.toString();
    }

    /** Whether two of {@link #of} have the same. */
    String same(String one, String other) {
        List<String> equal = new ArrayList<>();
        for (int i = 0; i < expressions.size(); i++) {
            String left = one + ".k" + i;
            String right = other + ".k" + i;
            String same = left + " " + operators.get(i) + " " + right;
            equal.add(areNullsSame ? "(" + same + " OR " + left + " IS NULL AND " + right + " IS NULL)" : same);
        }
        return String.join(" AND ", equal);
    }
}
