package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.jspecify.annotations.Nullable;

/** The target's tables, by the fingerprints that changes carry: prepared when first seen, and remembered. Not thread-safe. */
final class TargetTables {

    /** Where the changes of a table go. */
    sealed interface Target {
        TableName name();

        /**
         * Into the table.
         *
         * @param guarded for a table with several writers
         */
        record Ready(TableStatements statements, @Nullable GuardedStatements guarded) implements Target {
            @Override
            public TableName name() {
                return statements.name();
            }
        }

        /** Into quarantine. */
        record Broken(TableName name, String reason) implements Target {}
    }

    private final TablePreparation preparation;
    private final SchemaStore schemas;
    private final MergeRules merges;
    private final Map<Long, Target> targets = new HashMap<>();

    TargetTables(TablePreparation preparation, SchemaStore schemas, MergeRules merges) {
        this.preparation = preparation;
        this.schemas = schemas;
        this.merges = merges;
    }

    /** Prepares every table that the schemas topics know, in the caller's transaction. */
    void prepareAll(Connection connection) throws SQLException, TargetRefusedException {
        for (TableSchema schema : schemas.newest()) {
            preparation.prepare(connection, schema);
        }
        for (TableSchema schema : schemas.newest()) {
            preparation.addForeignKeys(connection, schema);
        }
    }

    /**
     * Null for a fingerprint that is not known (yet).
     *
     * @throws TargetRefusedException for a table that is seen for the first time and may not be written
     */
    @Nullable
    Target of(Connection connection, long fingerprint) throws SQLException, TargetRefusedException {
        Target known = targets.get(fingerprint);
        if (known != null) {
            return known;
        }
        TableSchema schema = schemas.schema(fingerprint);
        if (schema == null) {
            return null;
        }
        preparation.prepare(connection, schema);
        Target target = look(connection, schema);
        targets.put(fingerprint, target);
        return target;
    }

    private Target look(Connection connection, TableSchema schema) throws SQLException {
        TargetTable table = TargetTable.read(connection, schema.name());
        if (table == null) {
            return new Target.Broken(schema.name(), "the table is not in the target");
        }
        if (!table.misfits(schema).isEmpty()) {
            return new Target.Broken(schema.name(), String.join("; ", table.misfits(schema)));
        }
        TableStatements statements = new TableStatements(schema, table);
        boolean isContested = merges.of(schema.name()).isPresent();
        return new Target.Ready(
                statements,
                isContested ? new GuardedStatements(statements, UniqueIndex.read(connection, schema.name())) : null);
    }

    /** They may have been mended. */
    void forgetBroken() {
        targets.values().removeIf(target -> target instanceof Target.Broken);
    }

    /** To be looked at again: after a rollback, or where a statement found something missing. */
    void forget() {
        targets.clear();
        preparation.forget();
    }
}
