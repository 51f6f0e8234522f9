package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;

/** Looks whether a region's database can be applied to, and changes nothing there. */
public final class TargetCheck {

    private static final int VERSION_MIN = 160_000;

    private final ApplierSettings settings;
    private final String user;
    private final List<Finding> findings = new ArrayList<>();

    public TargetCheck(ApplierSettings settings) {
        this.settings = settings;
        user = settings.database().user();
    }

    /**
     * Everything that is wrong, at once; empty if nothing is. Blocks while the server answers, for a bounded time.
     *
     * @param tables what the origins will send, as far as it is known
     */
    public List<Finding> findings(Collection<TableSchema> tables) {
        findings.clear();
        try (Connection connection = ApplierSession.connect(settings.database(), "anabranch check")) {
            connection.setReadOnly(true);
            if (isNewEnough(connection)) {
                checkRights(connection);
                checkOrigin(connection);
                for (TableSchema table : tables) {
                    checkTable(connection, table);
                }
            }
        } catch (SQLException e) {
            findings.add(unreachable(e));
        }
        return List.copyOf(findings);
    }

    private Finding unreachable(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        return switch (state) {
            case "28P01", "28000" ->
                Finding.unreachable(
                        place(),
                        "the server does not let " + user + " in: " + Faults.message(e),
                        "check user and password, and the server's pg_hba.conf");
            case "3D000" -> Finding.error(place(), Faults.message(e), "create the database, or mend the url");
            case "08001", "08004", "08006" ->
                Finding.unreachable(
                        place(), "the server does not answer: " + Faults.message(e), "start it, or mend the url");
            default -> Finding.unreachable(place(), "could not be looked at: " + Faults.message(e), "");
        };
    }

    private String place() {
        return "database of " + settings.region() + " (" + settings.database().url() + ")";
    }

    private boolean isNewEnough(Connection connection) throws SQLException {
        int version = Integer.parseInt(one(connection, "SELECT current_setting('server_version_num')"));
        if (version < VERSION_MIN) {
            findings.add(Finding.error(
                    place(),
                    "it is PostgreSQL " + one(connection, "SHOW server_version"),
                    "use PostgreSQL 16 or newer"));
            return false;
        }
        if (is(connection, "SELECT pg_is_in_recovery()")) {
            findings.add(
                    Finding.error(place(), "it is a standby and cannot be written", "name the primary in the url"));
        }
        return true;
    }

    private void checkRights(Connection connection) throws SQLException {
        if (!is(connection, "SELECT has_parameter_privilege('session_replication_role', 'SET')")) {
            missing("the role " + user + " may not set session_replication_role", Rights.setReplicationRole(user));
        }
        for (String function : Rights.ORIGIN_FUNCTIONS) {
            if (!is(connection, "SELECT has_function_privilege(?, 'EXECUTE')", "pg_catalog." + function)) {
                missing("the role " + user + " may not call " + function, Rights.execute(function, user));
            }
        }
        if (is(connection, "SELECT to_regnamespace('anabranch') IS NOT NULL")) {
            if (!is(connection, "SELECT has_schema_privilege('anabranch', 'USAGE, CREATE')")) {
                missing(
                        "the role " + user + " may not create tables in the schema anabranch",
                        Rights.schema("anabranch", user));
            }
        } else if (!mayCreateSchemas(connection)) {
            missing(
                    "the schema anabranch is not there, and the role " + user + " may not create it",
                    "CREATE SCHEMA anabranch AUTHORIZATION " + TableName.quote(user));
        }
    }

    private static boolean mayCreateSchemas(Connection connection) throws SQLException {
        return is(connection, "SELECT has_database_privilege(current_database(), 'CREATE')");
    }

    private void missing(String what, String grant) {
        findings.add(Finding.error(place(), what, "as a superuser, or the owner, in this database: " + grant));
    }

    /** Origins that are there, one of them ours or not, against how many there can be. */
    private void checkOrigin(Connection connection) throws SQLException {
        String max = one(connection, """
                SELECT setting FROM pg_settings
                WHERE name IN ('max_active_replication_origins', 'max_replication_slots') ORDER BY name LIMIT 1""");
        String there = one(connection, "SELECT count(*) FROM pg_replication_origin");
        boolean ours = is(
                connection,
                "SELECT EXISTS (SELECT FROM pg_replication_origin WHERE roname = ?)",
                settings.replicationOrigin());
        if (!ours && Long.parseLong(there) >= Long.parseLong(max)) {
            findings.add(Finding.error(
                    place(),
                    "it has " + there + " replication origins, and room for " + max,
                    "raise max_active_replication_origins (before PostgreSQL 18: max_replication_slots) and restart it,"
                            + " or drop origins that nobody uses"));
        }
    }

    private void checkTable(Connection connection, TableSchema schema) throws SQLException {
        TableRules.Rule rule = settings.tables().of(schema.name());
        TargetTable table = TargetTable.read(connection, schema.name());
        if (table == null) {
            checkCreation(connection, schema, rule);
            return;
        }
        for (String misfit : table.misfits(schema)) {
            findings.add(Finding.error(
                    place(schema),
                    misfit,
                    "alter the table so that it is as in the origin, or drop it and let it be created"));
        }
        checkTableRights(connection, schema.name());
        checkRows(connection, schema, rule);
    }

    private String place(TableSchema schema) {
        return schema.name() + " in " + settings.region();
    }

    private void checkCreation(Connection connection, TableSchema schema, TableRules.Rule rule) throws SQLException {
        if (!rule.createTable()) {
            findings.add(
                    Finding.error(place(schema), "the table is not there", "create it, or say createTables: true"));
            return;
        }
        String namespace = schema.name().schema();
        boolean isThere = is(connection, "SELECT to_regnamespace(quote_ident(?)) IS NOT NULL", namespace);
        if (isThere && !is(connection, "SELECT has_schema_privilege(?, 'USAGE, CREATE')", namespace)) {
            findings.add(Finding.error(
                    place(schema),
                    "the role " + user + " may not create tables in the schema " + namespace,
                    Rights.schema(namespace, user)));
        } else if (!isThere && !mayCreateSchemas(connection)) {
            findings.add(Finding.error(
                    place(schema),
                    "the schema " + namespace + " is not there, and the role " + user + " may not create it",
                    Rights.createInDatabase(one(connection, "SELECT current_database()"), user)));
        }
    }

    private void checkTableRights(Connection connection, TableName name) throws SQLException {
        for (String right : List.of("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")) {
            if (!is(connection, "SELECT has_table_privilege(?, '" + right + "')", name.quoted())) {
                findings.add(Finding.error(
                        name + " in " + settings.region(),
                        "the role " + user + " lacks " + right + " on it, or more",
                        "its owner can run: " + Rights.table(name, user)));
                return;
            }
        }
    }

    private void checkRows(Connection connection, TableSchema schema, TableRules.Rule rule) throws SQLException {
        boolean prepared = is(connection, "SELECT to_regclass('anabranch.tables') IS NOT NULL")
                && is(
                        connection,
                        "SELECT EXISTS (SELECT FROM anabranch.tables WHERE table_schema = ? AND table_name = ?)",
                        schema.name().schema(),
                        schema.name().table());
        boolean mayLook = is(
                connection,
                "SELECT has_table_privilege(?, 'SELECT')",
                schema.name().quoted());
        if (prepared || !mayLook || rule.existing() != TableRules.Existing.REFUSE) {
            return;
        }
        if (is(connection, "SELECT EXISTS (SELECT FROM " + schema.name().quoted() + ")")) {
            findings.add(Finding.error(
                    place(schema), "the table has rows", "say existing: keep, or existing: replace, or empty it"));
        }
    }

    private static boolean is(Connection connection, String sql, String... parameters) throws SQLException {
        return one(connection, "SELECT CASE WHEN (" + sql + ") THEN 'yes' END", parameters)
                .equals("yes");
    }

    /** The one value that a query gives, as text; empty for null. */
    private static String one(Connection connection, String sql, String... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                String text = rows.next() ? rows.getString(1) : null;
                return text == null ? "" : text;
            }
        }
    }
}
