package org.anabranch.capture;

import static org.anabranch.schemas.TableName.quote;

import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.anabranch.schemas.TableName;

/** What the role may do, and the GRANT for what it may not. */
final class RightsCheck {

    private final SourceAccess source;

    RightsCheck(SourceAccess source) {
        this.source = source;
    }

    void check(List<SourceTable> tables) throws SQLException {
        replication();
        heartbeat();
        Set<String> schemas = new LinkedHashSet<>();
        for (SourceTable table : tables) {
            TableName name = table.schema().name();
            if (schemas.add(name.schema())) {
                usage(name.schema());
            }
            select(name);
        }
    }

    /** Amazon RDS and Aurora grant the right to stream through a role of that name instead of the attribute. */
    private void replication() throws SQLException {
        boolean may = source.yes("""
                SELECT bool_or(r.rolreplication OR r.rolsuper OR r.rolname = 'rds_replication') FROM pg_roles r
                WHERE r.rolname = current_user OR (r.rolname = 'rds_replication' AND pg_has_role(r.oid, 'MEMBER'))
                """);
        if (!may) {
            source.error(
                    "role " + source.role(),
                    "may not read the WAL: it lacks REPLICATION",
                    "ALTER ROLE " + source.quotedRole() + " REPLICATION");
        }
    }

    private void heartbeat() throws SQLException {
        TableName table = SourceCheck.HEARTBEAT;
        boolean schemaThere = source.yes("SELECT to_regnamespace(?) IS NOT NULL", quote(table.schema()));
        if (!schemaThere) {
            if (!source.yes("SELECT has_database_privilege(current_database(), 'CREATE')")) {
                source.error(
                        "role " + source.role(),
                        "cannot make the schema " + table.schema() + " for its heartbeat",
                        "GRANT CREATE ON DATABASE " + source.quotedDatabase() + " TO " + source.quotedRole()
                                + "; or CREATE SCHEMA " + quote(table.schema()) + " AUTHORIZATION "
                                + source.quotedRole());
            }
            return;
        }
        if (!source.yes("SELECT has_schema_privilege(?, 'USAGE')", table.schema())) {
            source.error(
                    "schema " + table.schema(),
                    "role " + source.role() + " may not use it",
                    "GRANT USAGE ON SCHEMA " + quote(table.schema()) + " TO " + source.quotedRole());
            return;
        }
        heartbeatTable(table);
    }

    private void heartbeatTable(TableName table) throws SQLException {
        if (!source.yes("SELECT to_regclass(?) IS NOT NULL", table.quoted())) {
            if (!source.yes("SELECT has_schema_privilege(?, 'CREATE')", table.schema())) {
                source.error(
                        "schema " + table.schema(),
                        "role " + source.role() + " cannot make the table " + table + " in it",
                        "GRANT CREATE ON SCHEMA " + quote(table.schema()) + " TO " + source.quotedRole());
            }
        } else if (!source.yes("""
                SELECT has_table_privilege(t, 'SELECT') AND has_table_privilege(t, 'INSERT')
                   AND has_table_privilege(t, 'UPDATE') AND has_table_privilege(t, 'DELETE')
                FROM (SELECT to_regclass(?)::oid AS t) AS heartbeat
                """, table.quoted())) {
            source.error(
                    table,
                    "role " + source.role() + " may not read and write it",
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON " + table.quoted() + " TO " + source.quotedRole());
        }
    }

    private void usage(String schema) throws SQLException {
        if (!source.yes("SELECT has_schema_privilege(?, 'USAGE')", schema)) {
            source.error(
                    "schema " + schema,
                    "role " + source.role() + " may not use it",
                    "GRANT USAGE ON SCHEMA " + quote(schema) + " TO " + source.quotedRole());
        }
    }

    /** By oid: to_regclass would need the right to use the schema. */
    private void select(TableName table) throws SQLException {
        boolean may = source.yes(
                "SELECT has_table_privilege(c.oid, 'SELECT') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE n.nspname = ? AND c.relname = ?",
                table.schema(),
                table.table());
        if (!may) {
            source.error(
                    table,
                    "role " + source.role() + " may not read it",
                    "GRANT SELECT ON " + table.quoted() + " TO " + source.quotedRole());
        }
    }
}
