package org.anabranch.capture;

import static org.anabranch.schemas.TableName.quote;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.anabranch.schemas.TableName;

/** What about a table would make its rows arrive wrongly, in part, or not at all. */
final class TableDetails {

    /**
     * Their values name objects of one database: as texts they depend on search_path and on what exists, as numbers they mean
     * something else in every database. The others are written but cannot be read back by PostgreSQL itself.
     */
    private static final String TYPES_REFUSED =
            "'regclass', 'regcollation', 'regconfig', 'regdictionary', 'regnamespace',"
                    + " 'regoper', 'regoperator', 'regproc', 'regprocedure', 'regrole', 'regtype', 'regdatabase', 'aclitem',"
                    + " 'pg_node_tree', 'pg_ndistinct', 'pg_dependencies', 'pg_mcv_list', 'gtsvector', 'pg_brin_bloom_summary',"
                    + " 'pg_brin_minmax_multi_summary'";

    private final SourceAccess source;
    private final List<Long> oids;

    TableDetails(SourceAccess source, List<SourceTable> tables) throws SQLException {
        this.source = source;
        List<TableName> names =
                tables.stream().map(table -> table.schema().name()).toList();
        this.oids = new CatalogReader(source.connection())
                .tables().stream()
                        .filter(table -> names.contains(table.name()))
                        .map(CatalogRows.Table::oid)
                        .toList();
    }

    void check() throws SQLException {
        columnTypes();
        columnsThatDifferByCase();
        replicaIdentities();
        inheritance();
        rowSecurity();
    }

    private interface Report {
        void accept(TableName table, ResultSet row) throws SQLException;
    }

    /** Runs a query whose first columns are a table's schema and name, and whose parameter is the tables. */
    private void each(String sql, Report report) throws SQLException {
        Query.list(
                source.connection(),
                sql,
                row -> {
                    report.accept(new TableName(row.getString(1), row.getString(2)), row);
                    return 0;
                },
                oids);
    }

    private void columnTypes() throws SQLException {
        boolean largeObjects = source.yes("SELECT count(*) > 0 FROM pg_largeobject_metadata");
        String sql = """
                WITH RECURSIVE used (relation, name, type) AS (
                    SELECT a.attrelid, a.attname, a.atttypid FROM pg_attribute a
                    WHERE a.attrelid = ANY (?::oid[]) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                  UNION
                    SELECT u.relation, u.name, inner_type.oid FROM used u JOIN pg_type t ON t.oid = u.type
                    CROSS JOIN LATERAL (
                        SELECT e.oid FROM pg_type e WHERE e.typarray = t.oid
                        UNION ALL SELECT t.typbasetype WHERE t.typtype = 'd'
                        UNION ALL SELECT a.atttypid FROM pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid
                                  AND a.attnum > 0 AND NOT a.attisdropped
                        UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)
                    ) AS inner_type (oid))
                SELECT n.nspname, c.relname, u.name AS column_name, t.typname
                FROM used u JOIN pg_type t ON t.oid = u.type JOIN pg_class c ON c.oid = u.relation
                JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typname IN ('oid',\s""" + TYPES_REFUSED + ") ORDER BY 1, 2, 3, 4";
        each(sql, (table, row) -> {
            String column = "column " + quote(row.getString("column_name"));
            if (!row.getString("typname").equals("oid")) {
                source.error(
                        table,
                        column + " holds values of type " + row.getString("typname")
                                + ", which mean something else, or nothing, in another database",
                        "ALTER TABLE " + table.quoted() + " ALTER " + quote(row.getString("column_name"))
                                + " TYPE text, or leave the table out");
            } else if (largeObjects) {
                source.warning(
                        table,
                        column
                                + " is of type oid and the database has large objects: if it names them, only their numbers"
                                + " travel",
                        "keep such contents in a bytea column");
            }
        });
    }

    private void columnsThatDifferByCase() throws SQLException {
        String sql = """
                SELECT n.nspname, c.relname, string_agg(quote_ident(a.attname), ' and ' ORDER BY a.attname) AS names
                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.oid = ANY (?::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
                GROUP BY n.nspname, c.relname, lower(a.attname) HAVING count(*) > 1 ORDER BY 1, 2, 3
                """;
        each(
                sql,
                (table, row) -> source.error(
                        table,
                        "columns " + row.getString("names")
                                + " differ only by upper and lower case, which Debezium refuses",
                        "ALTER TABLE " + table.quoted() + " RENAME COLUMN ... TO ..."));
    }

    /** A partition has an identity of its own, which its table's does not reach. */
    private void replicaIdentities() throws SQLException {
        String sql = """
                WITH leaf AS (
                    SELECT t.oid AS root, coalesce(l.relid, t.oid) AS oid FROM unnest(?::oid[]) AS t (oid)
                    LEFT JOIN LATERAL (SELECT relid FROM pg_partition_tree(t.oid) WHERE isleaf) AS l ON true)
                SELECT n.nspname, c.relname, c.relreplident, p.indexrelid::regclass::text AS key_index,
                       p.indimmediate AS immediate,
                       EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisreplident
                               AND i.indkey::int2[] @> p.indkey::int2[]) AS has_key
                FROM leaf JOIN pg_class c ON c.oid = leaf.oid JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_index p ON p.indrelid = c.oid AND p.indisprimary
                WHERE c.relkind = 'r' ORDER BY 1, 2
                """;
        each(sql, (table, row) -> {
            if (source.settings().contested().test(table)) {
                return; // nothing but FULL will do
            }
            String fix = "ALTER TABLE " + table.quoted() + " REPLICA IDENTITY ";
            switch (row.getString("relreplident")) {
                case "n" ->
                    source.error(
                            table, "has REPLICA IDENTITY NOTHING: updates and deletes would fail", fix + "DEFAULT");
                case "i" -> {
                    if (!row.getBoolean("has_key")) {
                        source.error(
                                table,
                                "has a replica identity index without all columns of the primary key",
                                fix + "DEFAULT");
                    }
                }
                case "d" -> {
                    if (!row.getBoolean("immediate")) {
                        source.error(
                                table,
                                "its primary key is deferrable, which is no replica identity: updates and deletes would fail",
                                fix + "FULL, or make the primary key NOT DEFERRABLE");
                    }
                }
                default -> {}
            }
        });
    }

    private void inheritance() throws SQLException {
        String sql = """
                SELECT DISTINCT n.nspname, c.relname FROM pg_inherits i
                JOIN pg_class c ON c.oid IN (i.inhrelid, i.inhparent) JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.oid = ANY (?::oid[]) AND c.relkind = 'r' AND NOT c.relispartition ORDER BY 1, 2
                """;
        each(
                sql,
                (table, row) -> source.warning(
                        table,
                        "is part of an inheritance tree: it is replicated with its own rows, and tables that Anabranch"
                                + " creates do not inherit",
                        "create the tree in the targets by hand where it is wanted"));
    }

    private void rowSecurity() throws SQLException {
        String sql = """
                SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_roles r ON r.rolname = current_user
                WHERE c.oid = ANY (?::oid[]) AND c.relrowsecurity AND NOT r.rolsuper AND NOT r.rolbypassrls
                  AND (c.relforcerowsecurity OR NOT pg_has_role(c.relowner, 'USAGE')) ORDER BY 1, 2
                """;
        each(
                sql,
                (table, row) -> source.error(
                        table,
                        "its row-level security would hide rows from role " + source.role() + " in the first copy",
                        "ALTER ROLE " + source.quotedRole() + " BYPASSRLS"));
    }
}
