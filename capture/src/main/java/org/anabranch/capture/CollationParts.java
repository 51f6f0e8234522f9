package org.anabranch.capture;

import static org.anabranch.capture.Query.literal;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.anabranch.schemas.TableName;
import org.jspecify.annotations.Nullable;

/**
 * What a collation is made of.
 *
 * @param options for CREATE COLLATION
 */
record CollationParts(
        TableName name, String options, @Nullable String extension) {

    /** The locale's column has another name in each version, so the row is read as JSON. */
    static CollationParts read(CatalogReader catalog, long oid) throws SQLException {
        String sql = """
                SELECT n.nspname, c.collname, c.collprovider, c.collisdeterministic, c.collcollate, c.collctype,
                       coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale') AS locale,
                       to_jsonb(c) ->> 'collicurules' AS rules, e.extname
                FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
                LEFT JOIN pg_depend m ON m.classid = 'pg_collation'::regclass AND m.objid = c.oid AND m.deptype = 'e'
                LEFT JOIN pg_extension e ON e.oid = m.refobjid
                WHERE c.oid = ?::bigint::oid
                """;
        return Query.one(
                catalog.connection(),
                sql,
                row -> new CollationParts(
                        new TableName(row.getString("nspname"), row.getString("collname")),
                        options(row),
                        row.getString("extname")),
                oid);
    }

    private static String options(ResultSet row) throws SQLException {
        StringBuilder options = new StringBuilder("PROVIDER = ");
        String provider = row.getString("collprovider");
        switch (provider) {
            case "i" -> options.append("icu, LOCALE = ").append(literal(row.getString("locale")));
            case "b" -> options.append("builtin, LOCALE = ").append(literal(row.getString("locale")));
            default ->
                options.append("libc, LC_COLLATE = ")
                        .append(literal(row.getString("collcollate")))
                        .append(", LC_CTYPE = ")
                        .append(literal(row.getString("collctype")));
        }
        if (row.getString("rules") != null) {
            options.append(", RULES = ").append(literal(row.getString("rules")));
        }
        if (!row.getBoolean("collisdeterministic")) {
            options.append(", DETERMINISTIC = false");
        }
        return options.toString();
    }
}
