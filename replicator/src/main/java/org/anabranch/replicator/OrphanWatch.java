package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.anabranch.replicator.TargetTables.Target;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.Row;
import org.jspecify.annotations.Nullable;

/**
 * Finds rows that are left without a parent when what several regions wrote comes together: no trigger of a foreign key fires
 * in the applier's session. Looks at what a batch writes and at what referred to what it takes away, in the batch's transaction,
 * and again at all that was found until it is healed. Not thread-safe.
 */
final class OrphanWatch {

    private static final long PAUSE_MILLIS = 1_000;

    /** Looking again takes no larger part of the time than one of so many. */
    private static final int PART_OF_TIME = 20;

    private static final byte[] BEGINNING = {};

    private final Connection connection;
    private final String region;
    private final TableWriters writers;
    private final BatchWriter.TargetLookup targets;
    private final OrphanJournal journal;
    private final InstantSource clock;

    private List<ForeignKey> foreignKeys = List.of();
    private final List<OrphanStatements> statements = new ArrayList<>();
    private final Map<OrphanStatements, Map<TableStatements, Map<RowKey, Row>>> written = new LinkedHashMap<>();
    private final Map<OrphanStatements, Map<TableStatements, List<Row>>> taken = new LinkedHashMap<>();
    private final Map<OrphanStatements, List<List<String>>> left = new LinkedHashMap<>();
    private final Set<OrphanStatements> emptied = new LinkedHashSet<>();
    private boolean holdsAny;
    private byte[] lookedUpTo = BEGINNING;
    private long nextLookAtMillis;

    OrphanWatch(
            Connection connection,
            String region,
            TableWriters writers,
            BatchWriter.TargetLookup targets,
            OrphanJournal journal,
            InstantSource clock) {
        this.connection = connection;
        this.region = region;
        this.writers = writers;
        this.targets = targets;
        this.journal = journal;
        this.clock = clock;
    }

    /** Once, before anything is written. */
    void load() throws SQLException {
        holdsAny = journal.holdsAny(connection);
        takeOver(ForeignKey.read(connection, writers));
    }

    /** Foreign keys may have come and gone; what was written since one came is looked at. In the caller's transaction. */
    void refresh() throws SQLException {
        List<ForeignKey> before = foreignKeys;
        takeOver(ForeignKey.read(connection, writers));
        for (OrphanStatements one : statements) {
            if (!before.contains(one.foreignKey())) {
                found(one.recordAll(connection));
            }
        }
    }

    private void takeOver(List<ForeignKey> read) throws SQLException {
        if (read.equals(foreignKeys)) {
            return;
        }
        foreignKeys = read;
        statements.clear();
        for (ForeignKey one : read) {
            TargetTable child = TargetTable.read(connection, one.child().table());
            if (child != null && !child.key().isEmpty()) {
                statements.add(new OrphanStatements(one, child));
            }
        }
    }

    /** Before these changes are written: what they may take away is there still. */
    void before(List<PendingChange> changes) throws Exception {
        written.clear();
        taken.clear();
        left.clear();
        emptied.clear();
        if (statements.isEmpty()) {
            return;
        }
        for (PendingChange pending : changes) {
            if (targets.of(pending.change()) instanceof Target.Ready ready
                    && ready.statements().fits(pending.change())) {
                take(ready.statements(), pending);
            }
        }
        readWhatRefersToThem();
    }

    private void readWhatRefersToThem() throws SQLException {
        for (var ofKey : taken.entrySet()) {
            List<List<String>> referredBy = new ArrayList<>();
            for (var rows : ofKey.getValue().entrySet()) {
                ofReadable(
                        rows.getValue(),
                        some -> referredBy.addAll(ofKey.getKey().referredBy(connection, rows.getKey(), some)));
            }
            if (!referredBy.isEmpty()) {
                left.put(ofKey.getKey(), referredBy);
            }
        }
    }

    private void take(TableStatements table, PendingChange pending) {
        Change change = pending.change();
        for (OrphanStatements one : statements) {
            Row after = change.after();
            if (after != null && table.name().equals(one.foreignKey().child().replicatedAs())) {
                written.computeIfAbsent(one, o -> new LinkedHashMap<>())
                        .computeIfAbsent(table, t -> new LinkedHashMap<>())
                        .put(new RowKey(pending.key()), after);
            }
            if (table.name().equals(one.foreignKey().parent().replicatedAs())) {
                takeAway(one, table, change);
            }
        }
    }

    /** Where children refer to a primary key, only a change that has an old row takes it away. */
    private void takeAway(OrphanStatements of, TableStatements table, Change change) {
        boolean isMoved = change.before() != null;
        Row row = isMoved || of.foreignKey().toPrimaryKey() ? change.before() : change.after();
        if (change.operation() == Operation.TRUNCATE) {
            emptied.add(of);
        } else if (row != null) {
            taken.computeIfAbsent(of, o -> new LinkedHashMap<>())
                    .computeIfAbsent(table, t -> new ArrayList<>())
                    .add(row);
        }
    }

    /** After they were written, in the same transaction. */
    void after() throws SQLException {
        for (var ofKey : written.entrySet()) {
            for (var rows : ofKey.getValue().entrySet()) {
                ofReadable(
                        List.copyOf(rows.getValue().values()),
                        some -> found(ofKey.getKey().recordWritten(connection, rows.getKey(), some)));
            }
        }
        for (var ofKey : left.entrySet()) {
            found(ofKey.getKey().recordLeft(connection, ofKey.getValue()));
        }
        for (OrphanStatements one : emptied) {
            found(one.recordAll(connection));
        }
    }

    private void found(int orphans) {
        holdsAny |= orphans > 0;
    }

    @FunctionalInterface
    private interface Work {
        void on(List<Row> rows) throws SQLException;
    }

    /** A row of which the database cannot read the key is in quarantine, and has none of its own: it is left out. */
    private void ofReadable(List<Row> rows, Work work) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            work.on(rows);
            connection.releaseSavepoint(before);
        } catch (SQLException e) {
            if (!Faults.isUnreadableValue(e)) {
                throw e;
            }
            connection.rollback(before);
            connection.releaseSavepoint(before);
            if (rows.size() > 1) {
                for (Row row : rows) {
                    ofReadable(List.of(row), work);
                }
            }
        }
    }

    /** Whether it is time to {@link #look} again at what was found. */
    boolean isDue() {
        return holdsAny && clock.millis() >= nextLookAtMillis;
    }

    /**
     * Takes out what is healed, of a bounded number, and counts the others. In a transaction of its own. Where others hold rows of
     * it, another time will do.
     *
     * @param isCopying whether a first copy comes here
     */
    void look(boolean isCopying) throws SQLException {
        long begun = clock.millis();
        nextLookAtMillis = begun + PAUSE_MILLIS;
        try {
            OrphanJournal.Page page = journal.page(connection, lookedUpTo);
            int healed = heal(page);
            journal.count(connection, region, !isCopying);
            holdsAny = journal.holdsAny(connection);
            connection.commit();
            lookedUpTo = page.isFull() ? page.last() : BEGINNING;
            long took = clock.millis() - begun;
            boolean isMuchHealed = page.isFull() && healed == page.rows();
            nextLookAtMillis = begun + took + (isMuchHealed ? took : Math.max(PAUSE_MILLIS, PART_OF_TIME * took));
        } catch (SQLException e) {
            connection.rollback();
            if (!Faults.isContention(e)) {
                throw e;
            }
        }
    }

    private int heal(OrphanJournal.Page page) throws SQLException {
        int healed = 0;
        for (OrphanJournal.Of of : page.of()) {
            OrphanStatements one = statementsOf(of);
            if (one == null) {
                healed += journal.forget(connection, page, of);
            } else {
                healed += one.removeHealed(connection, page);
                one.settleDoubts(connection, page);
            }
        }
        return healed;
    }

    private @Nullable OrphanStatements statementsOf(OrphanJournal.Of of) {
        return statements.stream()
                .filter(one -> one.foreignKey().child().table().equals(of.table())
                        && one.foreignKey().name().equals(of.constraint()))
                .findFirst()
                .orElse(null);
    }
}
