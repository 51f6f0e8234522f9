package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.schemas.TableName;

/**
 * A foreign key as it stands in the target's catalog.
 *
 * @param name the constraint's name, as the catalog has it
 * @param child the side that refers
 * @param parent the side that is referred to
 * @param columns the pairs of columns, in their order
 * @param matchFull whether some of the child's columns may not be null while others are not
 * @param toPrimaryKey whether the parent's columns are its primary key
 * @param mayLock whether the role may lock the parent's rows
 */
record ForeignKey(
        String name,
        Side child,
        Side parent,
        List<Pair> columns,
        boolean matchFull,
        boolean toPrimaryKey,
        boolean mayLock) {

    /**
     * @param table the table that the constraint names
     * @param replicatedAs the table under whose name its changes come: of a partition, the table that it is a part of
     */
    record Side(TableName table, TableName replicatedAs) {}

    /**
     * @param child the column that refers
     * @param parent the column that is referred to
     * @param parentType its type, without modifiers
     * @param equal the operator with which the constraint compares them, the parent on its left
     * @param same the operator with which the parent's own key compares its column
     * @param collation what the child's column needs to be compared under the parent's collation; empty for nothing
     */
    record Pair(String child, String parent, String parentType, String equal, String same, String collation) {}

    ForeignKey {
        columns = List.copyOf(columns);
    }

    /** What PostgreSQL makes of one constraint for each partition is left out, and so is what is not equality: PERIOD. */
    private static final String QUERY = """
            SELECT c.oid, c.conname, c.confmatchtype = 'f' AS match_full, i.indisprimary AS to_primary_key,
                   has_any_column_privilege(c.confrelid, 'UPDATE') AS may_lock,
                   cn.nspname AS child_schema, ct.relname AS child_table,
                   crn.nspname AS child_root_schema, crt.relname AS child_root_table,
                   pn.nspname AS parent_schema, pt.relname AS parent_table,
                   prn.nspname AS parent_root_schema, prt.relname AS parent_root_table,
                   ca.attname AS child_column, pa.attname AS parent_column, format_type(pa.atttypid, -1) AS parent_type,
                   format('OPERATOR(%I.%s)', opn.nspname, op.oprname) AS equal,
                   format('OPERATOR(%I.%s)', osn.nspname, os.oprname) AS same,
                   CASE WHEN pa.attcollation <> 0 AND ca.attcollation <> 0 AND pa.attcollation <> ca.attcollation
                        THEN format(' COLLATE %I.%I', lon.nspname, lo.collname) ELSE '' END AS collation
            FROM pg_constraint c JOIN pg_index i ON i.indexrelid = c.conindid
                 JOIN pg_class ct ON ct.oid = c.conrelid JOIN pg_namespace cn ON cn.oid = ct.relnamespace
                 JOIN pg_class crt ON crt.oid = coalesce(pg_partition_root(ct.oid), ct.oid)
                 JOIN pg_namespace crn ON crn.oid = crt.relnamespace
                 JOIN pg_class pt ON pt.oid = c.confrelid JOIN pg_namespace pn ON pn.oid = pt.relnamespace
                 JOIN pg_class prt ON prt.oid = coalesce(pg_partition_root(pt.oid), pt.oid)
                 JOIN pg_namespace prn ON prn.oid = prt.relnamespace
                 CROSS JOIN LATERAL unnest(c.conkey, c.confkey, c.conpfeqop, c.conppeqop)
                      WITH ORDINALITY AS k(child, parent, equal, same, place)
                 JOIN pg_attribute ca ON ca.attrelid = c.conrelid AND ca.attnum = k.child
                 JOIN pg_attribute pa ON pa.attrelid = c.confrelid AND pa.attnum = k.parent
                 JOIN pg_operator op ON op.oid = k.equal JOIN pg_namespace opn ON opn.oid = op.oprnamespace
                 JOIN pg_operator os ON os.oid = k.same JOIN pg_namespace osn ON osn.oid = os.oprnamespace
                 LEFT JOIN pg_collation lo ON lo.oid = pa.attcollation
                 LEFT JOIN pg_namespace lon ON lon.oid = lo.collnamespace
            WHERE c.contype = 'f' AND c.conparentid = 0
                 AND coalesce(to_jsonb(c) ->> 'conperiod', 'false') = 'false'
                 AND coalesce(to_jsonb(c) ->> 'conenforced', 'true') = 'true'
            ORDER BY c.oid, k.place""";

    /** All that may be left with children without a parent by what several regions write. */
    static List<ForeignKey> read(Connection connection, TableWriters writers) throws SQLException {
        Map<Long, ForeignKey> keys = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(QUERY)) {
            while (rows.next()) {
                keys.merge(rows.getLong("oid"), key(rows), ForeignKey::withColumnsOf);
            }
        }
        return keys.values().stream()
                .filter(key ->
                        writers.mayPart(key.child().replicatedAs(), key.parent().replicatedAs()))
                .toList();
    }

    private ForeignKey withColumnsOf(ForeignKey more) {
        List<Pair> pairs = new ArrayList<>(columns);
        pairs.addAll(more.columns);
        return new ForeignKey(name, child, parent, pairs, matchFull, toPrimaryKey, mayLock);
    }

    private static Pair pair(ResultSet row) throws SQLException {
        return new Pair(
                row.getString("child_column"),
                row.getString("parent_column"),
                row.getString("parent_type"),
                row.getString("equal"),
                row.getString("same"),
                row.getString("collation"));
    }

    /** With the one pair of columns that the row gives. */
    private static ForeignKey key(ResultSet row) throws SQLException {
        return new ForeignKey(
                row.getString("conname"),
                side(row, "child"),
                side(row, "parent"),
                List.of(pair(row)),
                row.getBoolean("match_full"),
                row.getBoolean("to_primary_key"),
                row.getBoolean("may_lock"));
    }

    private static Side side(ResultSet row, String side) throws SQLException {
        return new Side(
                new TableName(row.getString(side + "_schema"), row.getString(side + "_table")),
                new TableName(row.getString(side + "_root_schema"), row.getString(side + "_root_table")));
    }
}
