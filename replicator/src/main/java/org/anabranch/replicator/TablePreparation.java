package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.anabranch.schemas.TableSchema.CreateStatement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes target tables ready for their first change, once: {@code anabranch.tables} remembers. */
final class TablePreparation {

    private static final Logger LOG = LoggerFactory.getLogger(TablePreparation.class);
    private static final String FOREIGN_KEY = "foreign key";

    private final String region;
    private final TableRules rules;
    private final MergeRules merges;
    private final Set<TableName> prepared = new HashSet<>();

    TablePreparation(String region, TableRules rules, MergeRules merges) {
        this.region = region;
        this.rules = rules;
        this.merges = merges;
    }

    void forget() {
        prepared.clear();
    }

    /** In the caller's transaction, which should be committed soon: what is created is locked until then. */
    void prepare(Connection connection, TableSchema schema) throws SQLException, TargetRefusedException {
        TableName name = schema.name();
        if (prepared.contains(name) || isPrepared(connection, name)) {
            prepared.add(name);
            return;
        }
        TableRules.Rule rule = rules.of(name);
        if (rule.createTable()) {
            boolean isNew = TargetTable.read(connection, name) == null;
            create(connection, schema);
            if (isNew && merges.of(name).isPresent()) {
                showBeforeImages(connection, name);
            }
        }
        TargetTable table = TargetTable.read(connection, name);
        if (table == null) {
            throw new TargetRefusedException(
                    "target table " + name + " in " + region + " does not exist; create it, or say createTables: true");
        }
        List<String> misfits = table.misfits(schema);
        if (!misfits.isEmpty()) {
            throw new TargetRefusedException(
                    "target table " + name + " in " + region + " does not fit: " + String.join("; ", misfits));
        }
        takeOver(connection, name, rule.existing());
        remember(connection, name);
        prepared.add(name);
    }

    private void create(Connection connection, TableSchema schema) throws SQLException {
        for (CreateStatement create : schema.createStatements()) {
            if (!create.kind().equals(FOREIGN_KEY) && !exists(connection, create)) {
                run(connection, create);
            }
        }
    }

    /** What is written here is captured too, and has to be merged. */
    private static void showBeforeImages(Connection connection, TableName name) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("ALTER TABLE " + name.quoted() + " REPLICA IDENTITY FULL");
        }
    }

    private void run(Connection connection, CreateStatement create) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(create.sql());
        } catch (SQLException e) {
            throw new SQLException(
                    "cannot create the " + create.kind() + " " + create.objectName() + " in " + region + ": "
                            + Faults.message(e),
                    e.getSQLState(),
                    e);
        }
        LOG.atInfo()
                .addKeyValue("region", region)
                .addKeyValue("kind", create.kind())
                .addKeyValue("object", create.objectName())
                .log("created in the target");
    }

    private static boolean exists(Connection connection, CreateStatement create) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(create.existsQuery())) {
            return rows.next();
        }
    }

    private void takeOver(Connection connection, TableName name, TableRules.Existing existing)
            throws SQLException, TargetRefusedException {
        if (existing == TableRules.Existing.KEEP || !hasRows(connection, name)) {
            return;
        }
        if (existing == TableRules.Existing.REFUSE) {
            throw new TargetRefusedException(
                    "target table " + name + " in " + region + " has rows; say existing: keep or replace, or empty it");
        }
        Truncation.of(connection, List.of(name));
    }

    private static boolean hasRows(Connection connection, TableName name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT 1 FROM " + name.quoted() + " LIMIT 1")) {
            return rows.next();
        }
    }

    private static boolean isPrepared(Connection connection, TableName name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT 1 FROM anabranch.tables WHERE table_schema = ? AND table_name = ?")) {
            statement.setString(1, name.schema());
            statement.setString(2, name.table());
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    private static void remember(Connection connection, TableName name) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT INTO anabranch.tables (table_schema, table_name) VALUES (?, ?)")) {
            statement.setString(1, name.schema());
            statement.setString(2, name.table());
            statement.executeUpdate();
        }
    }

    /** Where they are asked for. One that cannot be made is announced, and stops nothing: they are not enforced here anyway. */
    void addForeignKeys(Connection connection, TableSchema schema) throws SQLException {
        if (!rules.of(schema.name()).foreignKeys()) {
            return;
        }
        for (CreateStatement create : schema.createStatements()) {
            if (create.kind().equals(FOREIGN_KEY) && !exists(connection, create)) {
                tryToRun(connection, create);
            }
        }
    }

    private void tryToRun(Connection connection, CreateStatement create) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            run(connection, create);
            connection.releaseSavepoint(before);
        } catch (SQLException e) {
            connection.rollback(before);
            if (Faults.mayHeal(e)) {
                throw e;
            }
            LOG.atWarn()
                    .addKeyValue("region", region)
                    .addKeyValue("object", create.objectName())
                    .log("a foreign key is left out: {}", Faults.message(e));
        }
    }
}
