package org.anabranch.capture;

import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.capture.CatalogRows.Column;
import org.anabranch.capture.CatalogRows.Constraint;
import org.anabranch.capture.CatalogRows.DataType;
import org.anabranch.capture.CatalogRows.Dependency;
import org.anabranch.capture.CatalogRows.Index;
import org.anabranch.capture.CatalogRows.Sequence;
import org.anabranch.capture.CatalogRows.Table;
import org.anabranch.schemas.TableName;

/** Reads the catalogs, a kind of object at a time for many tables, types one by one and remembered. */
final class CatalogReader {

    private final Connection connection;
    private final Map<Long, DataType> types = new HashMap<>();

    CatalogReader(Connection connection) {
        this.connection = connection;
    }

    Connection connection() {
        return connection;
    }

    /** All that hold rows of their own or have partitions, outside system schemas, ours, and what extensions made. */
    List<Table> tables() throws SQLException {
        String sql = """
                SELECT c.oid, n.nspname, c.relname, c.relkind,
                       CASE c.relreplident WHEN 'd' THEN 'DEFAULT' WHEN 'f' THEN 'FULL' WHEN 'i' THEN 'INDEX'
                            ELSE 'NOTHING' END AS identity,
                       coalesce((SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = c.oid AND c.relispartition), 0)
                           AS partition_of
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
                  AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'anabranch')
                  AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid
                                  AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e')
                """;
        return Query.list(
                connection,
                sql,
                row -> new Table(
                        row.getLong("oid"),
                        name(row),
                        row.getString("relkind").charAt(0),
                        row.getString("identity"),
                        row.getLong("partition_of")));
    }

    private static TableName name(ResultSet row) throws SQLException {
        return new TableName(row.getString(2), row.getString(3));
    }

    /** In the order of the tables' columns; not-null that was never checked counts as null allowed. */
    List<Column> columns(Collection<Long> tables) throws SQLException {
        // conkey of a not-null constraint exists from version 18 on; before, every not-null is checked
        String sql = """
                SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.atttypid,
                       a.attnotnull AND NOT EXISTS (
                           SELECT 1 FROM pg_constraint n WHERE n.conrelid = a.attrelid AND n.contype = 'n'
                           AND NOT n.convalidated AND a.attnum = ANY (n.conkey)) AS not_null,
                       a.attidentity, a.attgenerated, coalesce(d.oid, 0) AS default_oid,
                       pg_get_expr(d.adbin, d.adrelid) AS expression,
                       CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation ELSE 0 END AS collation_oid,
                       coalesce(c.collisdeterministic, true) AS deterministic
                FROM pg_attribute a
                JOIN pg_type t ON t.oid = a.atttypid
                LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef
                LEFT JOIN pg_collation c ON c.oid = a.attcollation
                WHERE a.attrelid = ANY (?::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
                ORDER BY a.attrelid, a.attnum
                """;
        return Query.list(
                connection,
                sql,
                row -> new Column(
                        row.getLong("attrelid"),
                        row.getInt("attnum"),
                        row.getString("attname"),
                        row.getString("type"),
                        row.getLong("atttypid"),
                        row.getBoolean("not_null"),
                        row.getString("attidentity"),
                        row.getString("attgenerated"),
                        row.getLong("default_oid"),
                        row.getString("expression"),
                        row.getLong("collation_oid"),
                        row.getBoolean("deterministic")),
                tables);
    }

    /** Primary keys first, then unique, check, exclusion and foreign keys; by name within each. */
    List<Constraint> constraints(Collection<Long> tables) throws SQLException {
        String sql = """
                SELECT c.conrelid, c.oid, c.conname, c.contype, pg_get_constraintdef(c.oid) AS definition, c.convalidated,
                       c.condeferrable, CASE WHEN c.contype = 'f' THEN 0 ELSE c.conindid END AS index_oid, c.conkey
                FROM pg_constraint c
                WHERE c.conrelid = ANY (?::oid[]) AND c.contype IN ('p', 'u', 'c', 'x', 'f') AND c.conparentid = 0
                ORDER BY c.conrelid, position(c.contype::text IN 'pucxf'), c.conname
                """;
        return Query.list(
                connection,
                sql,
                row -> new Constraint(
                        row.getLong("conrelid"),
                        row.getLong("oid"),
                        row.getString("conname"),
                        row.getString("contype").charAt(0),
                        row.getString("definition"),
                        row.getBoolean("convalidated"),
                        row.getBoolean("condeferrable"),
                        row.getLong("index_oid"),
                        numbers(row.getArray("conkey"))),
                tables);
    }

    private static List<Integer> numbers(Array array) throws SQLException {
        List<Integer> numbers = new ArrayList<>();
        if (array != null) {
            for (Object number : (Object[]) array.getArray()) {
                numbers.add(((Number) number).intValue());
            }
        }
        return numbers;
    }

    /** Unique indexes that no constraint owns, valid ones; ON ONLY, of a partitioned table, means nothing for a plain one. */
    List<Index> uniqueIndexes(Collection<Long> tables) throws SQLException {
        String sql = """
                SELECT i.indrelid, i.indexrelid, c.relname, pg_get_indexdef(i.indexrelid) AS definition
                FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                WHERE i.indrelid = ANY (?::oid[]) AND i.indisunique AND i.indisvalid AND NOT i.indisprimary
                  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype <> 'f')
                ORDER BY i.indrelid, c.relname
                """;
        return Query.list(
                connection,
                sql,
                row -> new Index(
                        row.getLong("indrelid"),
                        row.getLong("indexrelid"),
                        row.getString("relname"),
                        row.getString("definition")),
                tables);
    }

    /** What each of the objects needs, by the object's oid. */
    Map<Long, List<Dependency>> dependencies(String catalog, Collection<Long> objects) throws SQLException {
        // refobjsubid 0 of the object's own table is no column; deptypes n and a: needs, and goes with
        String sql = """
                SELECT d.objid, d.refclassid::regclass::text AS catalog, d.refobjid, d.refobjsubid, e.extname,
                       pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid) AS description
                FROM pg_depend d
                LEFT JOIN pg_depend m ON m.classid = d.refclassid AND m.objid = d.refobjid AND m.deptype = 'e'
                     AND m.refclassid = 'pg_extension'::regclass
                LEFT JOIN pg_extension e ON e.oid = m.refobjid
                WHERE d.classid = ?::regclass AND d.objid = ANY (?::oid[]) AND d.deptype IN ('n', 'a')
                ORDER BY d.objid, description
                """;
        Map<Long, List<Dependency>> byObject = new HashMap<>();
        Query.list(
                connection,
                sql,
                row -> byObject.computeIfAbsent(row.getLong("objid"), oid -> new ArrayList<>())
                        .add(new Dependency(
                                row.getString("catalog"),
                                row.getLong("refobjid"),
                                row.getInt("refobjsubid"),
                                row.getString("extname"),
                                row.getString("description"))),
                catalog,
                objects);
        return byObject;
    }

    DataType type(long oid) throws SQLException {
        DataType known = types.get(oid);
        if (known == null) {
            known = readType(oid);
            types.put(oid, known);
        }
        return known;
    }

    /** A domain's innermost type; any other type itself. */
    DataType baseType(long oid) throws SQLException {
        DataType type = type(oid);
        return type.kind() == 'd' ? baseType(type.baseOid()) : type;
    }

    private DataType readType(long oid) throws SQLException {
        String sql = """
                SELECT t.oid, n.nspname, t.typname, t.typtype, t.typbasetype, t.typrelid, c.relkind, e.extname,
                       coalesce((SELECT b.oid FROM pg_type b WHERE b.typarray = t.oid), 0) AS element_oid,
                       format_type(t.oid, NULL) AS text
                FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
                LEFT JOIN pg_class c ON c.oid = t.typrelid
                LEFT JOIN pg_depend m ON m.classid = 'pg_type'::regclass AND m.objid = t.oid AND m.deptype = 'e'
                     AND m.refclassid = 'pg_extension'::regclass
                LEFT JOIN pg_extension e ON e.oid = m.refobjid
                WHERE t.oid = ?::bigint::oid
                """;
        return Query.one(
                connection,
                sql,
                row -> new DataType(
                        oid,
                        name(row),
                        row.getString("typtype").charAt(0),
                        row.getLong("element_oid"),
                        row.getLong("typbasetype"),
                        row.getLong("typrelid"),
                        row.getString("relkind") == null ? "" : row.getString("relkind"),
                        row.getString("extname"),
                        row.getString("text")),
                oid);
    }

    /** The sequence that an identity column counts with, or null. */
    List<Sequence> sequence(String condition, Object... parameters) throws SQLException {
        String sql = """
                SELECT c.oid, n.nspname, c.relname, format_type(s.seqtypid, NULL) AS type,
                       format('START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s %s', s.seqstart, s.seqincrement,
                              s.seqmin, s.seqmax, s.seqcache, CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END)
                           AS options
                FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE\s""" + condition;
        return Query.list(
                connection,
                sql,
                row -> new Sequence(name(row), row.getString("options"), row.getString("type")),
                parameters);
    }
}
