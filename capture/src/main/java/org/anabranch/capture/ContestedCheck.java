package org.anabranch.capture;

import static org.anabranch.schemas.TableName.quote;

import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.anabranch.schemas.TableName;

/**
 * What tables with several writers need beyond others: whole before-images, commit times, nobody who truncates them, and
 * constraints by which it can be told which of two rows came first.
 */
final class ContestedCheck {

    private final SourceAccess source;

    ContestedCheck(SourceAccess source) {
        this.source = source;
    }

    void check(List<SourceTable> tables) throws SQLException {
        List<TableName> contested = tables.stream()
                .map(table -> table.schema().name())
                .filter(source.settings().contested())
                .toList();
        if (contested.isEmpty()) {
            return;
        }
        commitTimes();
        for (TableName table : contested) {
            replicaIdentity(table);
            truncate(table);
            uniqueLater(table);
            exclusions(table);
        }
    }

    private void commitTimes() throws SQLException {
        if (!source.text("SHOW track_commit_timestamp").equals("on")) {
            source.error(
                    "server",
                    "track_commit_timestamp is off: of tables with several writers nobody could tell which rows were written"
                            + " here, and when",
                    "ALTER SYSTEM SET track_commit_timestamp = on; then restart the server");
        }
    }

    /** A partition has an identity of its own, which its table's does not reach. */
    private void replicaIdentity(TableName table) throws SQLException {
        String sql = """
                SELECT n.nspname, c.relname FROM pg_class root JOIN pg_namespace rn ON rn.oid = root.relnamespace
                CROSS JOIN LATERAL (SELECT root.oid UNION SELECT relid FROM pg_partition_tree(root.oid)) AS part (oid)
                JOIN pg_class c ON c.oid = part.oid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE rn.nspname = ? AND root.relname = ? AND c.relkind = 'r' AND c.relreplident <> 'f' ORDER BY 1, 2
                """;
        for (TableName part : Query.list(
                source.connection(),
                sql,
                row -> new TableName(row.getString(1), row.getString(2)),
                table.schema(),
                table.table())) {
            source.error(
                    part,
                    "has several writers, and its replica identity is not FULL: what a change really changed would not be known",
                    "ALTER TABLE " + part.quoted() + " REPLICA IDENTITY FULL");
        }
    }

    /** Its check is a trigger, and none fires where the applier writes. */
    private void uniqueLater(TableName table) throws SQLException {
        for (String name : constraints(table, "contype = 'u' AND condeferrable")) {
            source.error(
                    table,
                    "has several writers, and its unique constraint " + quote(name)
                            + " is deferrable: nothing would refuse two rows with the same that come from two regions",
                    "drop " + quote(name) + ", and add it again without DEFERRABLE");
        }
    }

    /** Who comes first is only found out where values are equal. */
    private void exclusions(TableName table) throws SQLException {
        for (String name : constraints(table, "contype = 'x'")) {
            source.warning(
                    table,
                    "has several writers, and its constraint " + quote(name)
                            + " excludes rows beside others: of two from two regions each region keeps the one that comes to"
                            + " it first, and puts the other into quarantine",
                    "let one region write rows that can exclude each other, or look into anabranch.quarantine");
        }
    }

    private List<String> constraints(TableName table, String which) throws SQLException {
        String sql = "SELECT k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
                + " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ? AND " + which
                + " ORDER BY 1";
        return Query.list(source.connection(), sql, row -> row.getString(1), table.schema(), table.table());
    }

    /** A TRUNCATE has no rows that could be merged. The applier's own role has to have the right, and does not use it here. */
    private void truncate(TableName table) throws SQLException {
        String sql = """
                SELECT DISTINCT coalesce(quote_ident(r.rolname), 'PUBLIC')
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS granted
                LEFT JOIN pg_roles r ON r.oid = granted.grantee
                WHERE n.nspname = ? AND c.relname = ? AND granted.privilege_type = 'TRUNCATE'
                  AND granted.grantee <> c.relowner AND NOT coalesce(r.rolsuper, false)
                  AND r.rolname IS DISTINCT FROM current_user ORDER BY 1
                """;
        List<String> roles =
                Query.list(source.connection(), sql, row -> row.getString(1), table.schema(), table.table());
        if (!roles.isEmpty()) {
            String named = roles.stream().collect(Collectors.joining(", "));
            source.warning(
                    table,
                    "may be truncated by " + named + ", and has several writers: a TRUNCATE would stop its replication",
                    "REVOKE TRUNCATE ON " + table.quoted() + " FROM " + named + "; it can be taken from the owner too: "
                            + owner(table));
        }
    }

    private String owner(TableName table) throws SQLException {
        String owner = source.text(
                "SELECT r.rolname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " JOIN pg_roles r ON r.oid = c.relowner WHERE n.nspname = ? AND c.relname = ?",
                table.schema(),
                table.table());
        return "REVOKE TRUNCATE ON " + table.quoted() + " FROM " + quote(owner);
    }
}
