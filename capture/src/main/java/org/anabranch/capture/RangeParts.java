package org.anabranch.capture;

import java.sql.SQLException;
import org.anabranch.schemas.TableName;
import org.jspecify.annotations.Nullable;

/**
 * What a range type is made of.
 *
 * @param options for CREATE TYPE ... AS RANGE, without the collation; a subtype difference only if it is PostgreSQL's own or an
 *     extension's (it serves indexes, the values do not need it)
 * @param collationOid 0 where it is the subtype's own
 * @param canonical the function that makes equal ranges the same, or null for none
 */
record RangeParts(
        long subtypeOid,
        String options,
        long collationOid,
        @Nullable String canonical) {

    static RangeParts read(CatalogReader catalog, long range) throws SQLException {
        String sql = """
                SELECT r.rngsubtype, format_type(r.rngsubtype, NULL) AS subtype,
                       CASE WHEN r.rngcollation <> s.typcollation THEN r.rngcollation ELSE 0 END AS collation_oid,
                       nullif(r.rngcanonical, 0)::regprocedure::text AS canonical,
                       opn.nspname AS class_schema, op.opcname AS class_name,
                       d.proname AS difference, dn.nspname AS difference_schema,
                       mn.nspname AS multirange_schema, m.typname AS multirange
                FROM pg_range r JOIN pg_type s ON s.oid = r.rngsubtype
                JOIN pg_opclass op ON op.oid = r.rngsubopc JOIN pg_namespace opn ON opn.oid = op.opcnamespace
                JOIN pg_type m ON m.oid = r.rngmultitypid JOIN pg_namespace mn ON mn.oid = m.typnamespace
                LEFT JOIN pg_proc d ON d.oid = r.rngsubdiff AND (d.pronamespace = 'pg_catalog'::regnamespace OR EXISTS (
                     SELECT 1 FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = d.oid AND e.deptype = 'e'))
                LEFT JOIN pg_namespace dn ON dn.oid = d.pronamespace
                WHERE r.rngtypid = ?::bigint::oid
                """;
        return Query.one(
                catalog.connection(),
                sql,
                row -> {
                    StringBuilder options = new StringBuilder("SUBTYPE = " + row.getString("subtype"));
                    options.append(", SUBTYPE_OPCLASS = ")
                            .append(quoted(row.getString("class_schema"), row.getString("class_name")));
                    if (row.getString("difference") != null) {
                        options.append(", SUBTYPE_DIFF = ")
                                .append(quoted(row.getString("difference_schema"), row.getString("difference")));
                    }
                    options.append(", MULTIRANGE_TYPE_NAME = ")
                            .append(quoted(row.getString("multirange_schema"), row.getString("multirange")));
                    return new RangeParts(
                            row.getLong("rngsubtype"),
                            options.toString(),
                            row.getLong("collation_oid"),
                            row.getString("canonical"));
                },
                range);
    }

    private static String quoted(String schema, String name) {
        return new TableName(schema, name).quoted();
    }
}
