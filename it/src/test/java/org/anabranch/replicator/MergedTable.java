package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Stamp;
import org.anabranch.replicator.TargetTables.Target;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.RecordKey;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableSchema;
import org.jspecify.annotations.Nullable;

/** A table with several writers and what an applier writes merges to it with, on a session of the applier's, without its loop. */
public final class MergedTable implements AutoCloseable {

    private final Connection connection;
    private final TableSchema schema;
    private final Deferrals deferrals = new Deferrals();
    private final Quarantine quarantine = new Quarantine();
    private final MergeWriter merges;
    private final Target.Ready target;
    private long stamps;

    /** The table is there already. */
    public MergedTable(DatabaseSettings database, TableSchema schema) throws SQLException {
        this.schema = schema;
        ApplierSettings settings = new ApplierSettings(
                "kit_" + schema.name().table(),
                "eu",
                List.of("eu", "us"),
                database,
                Map.of(),
                1,
                TableRules.all(TableRules.Rule.DEFAULT),
                MergeRules.NONE);
        connection = ApplierSession.open(settings);
        OwnSchema.create(connection);
        connection.commit();
        InstantSource clock = InstantSource.system();
        merges = new MergeWriter(connection, true, deferrals, new Shown("eu"), quarantine, new Tally(), clock);
        merges.copying(false);
        TargetTable table = TargetTable.read(connection, schema.name());
        if (table == null || !table.misfits(schema).isEmpty()) {
            throw new IllegalArgumentException("no table for " + schema);
        }
        TableStatements statements = new TableStatements(schema, table);
        target = new Target.Ready(
                statements, new GuardedStatements(statements, UniqueIndex.read(connection, schema.name())));
    }

    /** A merge that leaves this row, or none of this key. */
    public Merge row(String... values) {
        return new Merge(Row.of(values), true, Long.MAX_VALUE, false, null);
    }

    public Merge noRow(String... values) {
        return new Merge(Row.of(values), false, Long.MAX_VALUE, false, null);
    }

    /**
     * What is to become of a row.
     *
     * @param row the row, or one with its key
     * @param stays whether there is to be one
     * @param claim since when it has its values that no other row may have; null where that is not known
     */
    public record Merge(
            Row row,
            boolean stays,
            long seenMicros,
            boolean mayBeDeletedUnseen,
            @Nullable Stamp claim) {
        public Merge seen(long micros, boolean mayBeDeleted) {
            return new Merge(row, stays, micros, mayBeDeleted, claim);
        }

        public Merge since(long micros) {
            return new Merge(row, stays, seenMicros, mayBeDeletedUnseen, new Stamp(micros, 0, "us"));
        }
    }

    /** In one transaction, and as one set. False if another session was in the way, and nothing is written. */
    public boolean apply(Merge... merged) throws SQLException, PartFailedException {
        try {
            for (Merge merge : merged) {
                merges.add(target, pending(merge));
            }
            merges.flush();
            commit();
            return true;
        } catch (SQLException e) {
            merges.clear();
            connection.rollback();
            deferrals.load(connection);
            quarantine.load(connection);
            if (Faults.isContention(e)) {
                return false;
            }
            throw e;
        }
    }

    private PendingChange pending(Merge merge) {
        Change change = new Change(
                Operation.MERGE,
                new Stamp(++stamps, 0, "us"),
                stamps,
                schema.fingerprint(),
                merge.stays() ? null : merge.row(),
                merge.stays() ? merge.row() : null,
                Context.NOTHING,
                new Change.Verdict(merge.seenMicros(), merge.mayBeDeletedUnseen(), merge.claim()));
        return new PendingChange(key(merge.row()), change, 0, 100);
    }

    private byte[] key(Row row) {
        return new RecordKey(
                        schema.name(),
                        Arrays.stream(schema.keyIndexes()).mapToObj(row::text).toList())
                .encode();
    }

    /** All that the region has written by now has come by, and no answer with it. */
    public void lookAgain() throws SQLException, PartFailedException {
        long now = new MergedRows(connection, true).lookedAt();
        merges.again(Map.of(target.guarded(), deferrals.lookedAtUpTo(now)));
        commit();
    }

    private void commit() throws SQLException {
        deferrals.write(connection);
        connection.commit();
    }

    public boolean isDeferred(Row row) {
        return deferrals.get(key(row)) != null;
    }

    @Nullable
    Deferred deferred(Row row) {
        return deferrals.get(key(row));
    }

    /** What is in quarantine: the errors. */
    public List<String> refused() throws SQLException {
        List<String> errors = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT error FROM anabranch.quarantine ORDER BY id")) {
            while (rows.next()) {
                errors.add(rows.getString(1));
            }
        }
        connection.commit();
        return errors;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
