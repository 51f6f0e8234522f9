package org.anabranch.capture;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.anabranch.schemas.TableName;

/**
 * A sequence that numbers a column of a primary key: an identity's, or a serial's.
 *
 * @param table the table
 * @param column the key's column
 * @param name the sequence
 * @param increment from one value to the next
 * @param position a value that it has handed out, or else the first that it will
 */
public record KeySequence(TableName table, String column, TableName name, long increment, long position) {

    /** Of all tables. Where the role may not look at a sequence, it is taken to have handed out nothing yet. */
    static List<KeySequence> read(Connection connection) throws SQLException {
        String sql = """
                SELECT tn.nspname, t.relname, a.attname, sn.nspname, s.relname, q.seqincrement,
                       coalesce(CASE WHEN has_sequence_privilege(s.oid, 'USAGE, SELECT') THEN pg_sequence_last_value(s.oid) END,
                                q.seqstart)
                FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (i.indkey)
                JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.refobjsubid = a.attnum
                     AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
                JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_namespace sn ON sn.oid = s.relnamespace
                JOIN pg_sequence q ON q.seqrelid = s.oid
                WHERE i.indisprimary AND t.relkind IN ('r', 'p') ORDER BY 1, 2, a.attnum, 4, 5
                """;
        return Query.list(
                connection,
                sql,
                row -> new KeySequence(
                        new TableName(row.getString(1), row.getString(2)),
                        row.getString(3),
                        new TableName(row.getString(4), row.getString(5)),
                        row.getLong(6),
                        row.getLong(7)));
    }
}
