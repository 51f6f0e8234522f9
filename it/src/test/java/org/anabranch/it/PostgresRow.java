package org.anabranch.it;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.anabranch.conflict.simulation.GuardedRow;
import org.anabranch.replicator.MergedTable;
import org.anabranch.schemas.Row;
import org.jspecify.annotations.Nullable;

/** A row of a real table, and the applier's own statements. */
final class PostgresRow implements GuardedRow, AutoCloseable {

    private static final String ID = "1";

    private final Connection local;
    private final Connection reader;
    private final MergedTable applier;
    private final String table;
    private long commitMicros;
    private int before;

    /**
     * @param local a session without auto-commit
     * @param reader another one, with it
     */
    PostgresRow(Connection local, Connection reader, MergedTable applier, String table) {
        this.local = local;
        this.reader = reader;
        this.applier = applier;
        this.table = table;
    }

    private interface Work<T> {
        T run() throws Exception;
    }

    private static <T> T with(Work<T> work) {
        try {
            return work.run();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public @Nullable String value() {
        return with(() -> query(reader, "SELECT max(value) FROM " + table + " WHERE id = " + ID));
    }

    @Override
    public void writeLocally(@Nullable String value) {
        beginToWrite(value);
        commit();
    }

    @Override
    public void beginToWrite(@Nullable String value) {
        with(() -> {
            execute(
                    value == null
                            ? "DELETE FROM " + table + " WHERE id = " + ID
                            : "INSERT INTO " + table + " VALUES (" + ID + ", '" + value
                                    + "') ON CONFLICT (id) DO UPDATE SET value = EXCLUDED.value");
            return true;
        });
    }

    @Override
    public void commit() {
        commitMicros = with(() -> {
            String transaction = query(local, "SELECT pg_current_xact_id()::xid::text");
            local.commit();
            String micros = query(
                    local,
                    "SELECT (extract(epoch FROM pg_xact_commit_timestamp('" + transaction
                            + "'::xid)) * 1000000)::bigint::text");
            local.commit();
            return Long.valueOf(micros);
        });
    }

    @Override
    public void rollBack() {
        with(() -> {
            local.rollback();
            return true;
        });
    }

    @Override
    public long commitMicros() {
        return commitMicros;
    }

    @Override
    public void rewriteTable() {
        with(() -> {
            execute("ALTER TABLE " + table + " ALTER COLUMN value TYPE text USING value || ''");
            local.commit();
            return true;
        });
    }

    /** Behind more rows than before, so that it is somewhere else in any case. */
    @Override
    public void moveRows() {
        with(() -> {
            local.setAutoCommit(true);
            String place = place();
            do {
                execute("INSERT INTO " + table + " VALUES (" + --before + ", '')");
                execute("CLUSTER " + table + " USING " + table + "_pkey");
            } while (place.equals(place()));
            local.setAutoCommit(false);
            return true;
        });
    }

    private String place() throws SQLException {
        return query(
                reader,
                "SELECT coalesce(max(ctid::text), 'nowhere' || clock_timestamp()) FROM " + table + " WHERE id = " + ID);
    }

    @Override
    public boolean apply(@Nullable String value, long seenMicros, boolean mayBeDeletedUnseen) {
        MergedTable.Merge merge = value == null ? applier.noRow(ID, null) : applier.row(ID, value);
        return with(() -> applier.apply(merge.seen(seenMicros, mayBeDeletedUnseen)) && !isDeferred());
    }

    @Override
    public boolean lookAgain() {
        return with(() -> {
            applier.lookAgain();
            return !isDeferred();
        });
    }

    private boolean isDeferred() {
        return applier.isDeferred(Row.of(ID, null));
    }

    /** The applier's session; the others go on. */
    @Override
    public void close() throws SQLException {
        local.rollback();
        applier.close();
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = local.createStatement()) {
            statement.execute(sql);
        }
    }

    private static @Nullable String query(Connection session, String sql) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
