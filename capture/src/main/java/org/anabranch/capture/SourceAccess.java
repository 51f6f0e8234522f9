package org.anabranch.capture;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;

/** A source that is being looked at: the connection, who is connected, and where findings go. */
record SourceAccess(
        Connection connection, SourceCheck.Settings settings, String role, boolean superuser, List<Finding> findings) {

    static SourceAccess of(Connection connection, SourceCheck.Settings settings, List<Finding> findings)
            throws SQLException {
        record Role(String name, boolean superuser) {}
        Role role = Query.one(
                connection,
                "SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user",
                row -> new Role(row.getString(1), row.getBoolean(2)));
        return new SourceAccess(connection, settings, role.name(), role.superuser(), findings);
    }

    /** The role's name for statements. */
    String quotedRole() {
        return TableName.quote(role);
    }

    String quotedDatabase() {
        return TableName.quote(settings.database().database());
    }

    String where(String object) {
        return settings.region() + ": " + object;
    }

    String where(TableName table) {
        return where("table " + table);
    }

    void error(String object, String what, String fix) {
        findings.add(Finding.error(where(object), what, fix));
    }

    void error(TableName table, String what, String fix) {
        findings.add(Finding.error(where(table), what, fix));
    }

    void warning(String object, String what, String fix) {
        findings.add(Finding.warning(where(object), what, fix));
    }

    void warning(TableName table, String what, String fix) {
        findings.add(Finding.warning(where(table), what, fix));
    }

    void info(String object, String what) {
        findings.add(Finding.info(where(object), what));
    }

    String text(String sql, Object... parameters) throws SQLException {
        return Query.one(connection, sql, row -> String.valueOf(row.getString(1)), parameters);
    }

    long number(String sql, Object... parameters) throws SQLException {
        return Query.one(connection, sql, row -> row.getLong(1), parameters);
    }

    boolean yes(String sql, Object... parameters) throws SQLException {
        return Query.one(connection, sql, row -> row.getBoolean(1), parameters);
    }
}
