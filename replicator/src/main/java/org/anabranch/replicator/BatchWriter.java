package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.replicator.TableNet.Way;
import org.anabranch.replicator.TargetTables.Target;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies a batch in the caller's transaction: table by table as sets, each key's changes netted; where that fails, that
 * table's changes one by one, and what still fails goes to quarantine. Between tables no order is needed: foreign keys are
 * not enforced in this session. Throws what may heal, and leaves the transaction to be rolled back then.
 */
final class BatchWriter {

    private static final Logger LOG = LoggerFactory.getLogger(BatchWriter.class);

    /** A COPY of fewer rows is not worth a statement of its own. */
    private static final int FRESH_ROWS_MIN = 20;

    /** After a COPY that met rows which were there, for instance copied once more: so often they are looked for. */
    private static final int FLUSHES_AFTER_FAILURE = 20;

    /** Changes of one table, under one schema, with nothing between them that has to keep its place. */
    private record TableRun(Target.Ready target, List<PendingChange> changes) {}

    private final Connection connection;
    private final TargetLookup targets;
    private final Quarantine quarantine;
    private final MergeWriter merges;
    private final ConflictJournal journal;
    private final Tally tally;
    private final Map<TableName, TableRun> runs = new LinkedHashMap<>();
    private final List<PendingChange> truncates = new ArrayList<>();
    private final Map<TableName, Integer> flushesBeforeCopy = new HashMap<>();
    private boolean missing;
    private String lastFault = "";

    /** Finds where a change goes; waits, for a bounded time, for a schema that has not come yet. */
    interface TargetLookup {
        Target of(Change change) throws Exception;

        /** What was found is no longer so. */
        void forget();
    }

    BatchWriter(Connection connection, TargetLookup targets, Quarantine quarantine, MergeWriter merges, Tally tally) {
        this.connection = connection;
        this.tally = tally;
        journal = new ConflictJournal(connection, tally);
        this.merges = merges;
        this.targets = targets;
        this.quarantine = quarantine;
    }

    void apply(List<PendingChange> changes) throws Exception {
        runs.clear();
        truncates.clear();
        merges.clear();
        journal.clear();
        for (PendingChange pending : changes) {
            apply(pending);
            journal.add(pending);
        }
        truncate();
        flushAll();
        merges.flush();
        journal.flush();
    }

    private void apply(PendingChange pending) throws Exception {
        Change change = pending.change();
        Target target = targets.of(change);
        tally.taken(change, target.name());
        if (change.operation() != Operation.TRUNCATE || isAnotherTransaction(change)) {
            truncate();
        }
        switch (target) {
            case Target.Broken(TableName name, String reason) -> putAside(pending, reason);
            case Target.Ready ready -> apply(ready, pending);
        }
    }

    private void putAside(PendingChange pending, String reason) throws SQLException, PartFailedException {
        if (pending.isMerge()) {
            merges.putAside(pending, reason);
        } else if (quarantine.holds(pending.key())) {
            quarantine.follow(connection, pending);
        } else {
            quarantine.add(connection, pending, reason);
        }
    }

    private void apply(Target.Ready target, PendingChange pending) throws Exception {
        Change change = pending.change();
        if (pending.isMerge()) {
            merges.add(target, pending);
        } else if (target.guarded() != null) {
            applyUnmerged(pending);
        } else if (quarantine.holds(pending.key())) {
            quarantine.follow(connection, pending);
        } else if (!target.statements().fits(change)) {
            quarantine.add(connection, pending, "it has not as many values as its table's schema has columns");
        } else if (change.operation() == Operation.TRUNCATE) {
            flush(target.name());
            truncates.add(pending);
        } else if (movesWithHoles(change)) {
            flush(target.name());
            applyOneByOne(target, List.of(pending));
        } else {
            add(target, pending);
        }
    }

    /** Nothing that was said of the row before is to be written any more; nor is this, if a newer answer was. */
    private void applyUnmerged(PendingChange answer) throws SQLException, PartFailedException {
        boolean isKnown = answer.role() == PendingChange.Role.REPEATED && quarantine.holds(answer.key());
        if (answer.role() != PendingChange.Role.SUPERSEDED && !isKnown) {
            merges.supersede(answer.key());
            quarantine.add(connection, answer, "a value of it cannot be merged by its column's policy");
        }
    }

    private boolean isAnotherTransaction(Change change) {
        return !truncates.isEmpty() && truncates.getFirst().change().hybridMicros() != change.hybridMicros();
    }

    private void add(Target.Ready target, PendingChange pending) throws Exception {
        TableRun run = runs.get(target.name());
        if (run != null && run.target().statements() != target.statements()) {
            flush(target.name()); // the same table under another schema
            run = null;
        }
        if (run == null) {
            run = new TableRun(target, new ArrayList<>());
            runs.put(target.name(), run);
        }
        run.changes().add(pending);
    }

    /** What stays as it is stands under the old key, so it cannot be netted under the new one. */
    private static boolean movesWithHoles(Change change) {
        Row after = change.after();
        return change.operation() == Operation.UPDATE && change.before() != null && after != null && after.hasHoles();
    }

    private void truncate() throws Exception {
        if (truncates.isEmpty()) {
            return;
        }
        List<PendingChange> together = List.copyOf(truncates);
        truncates.clear();
        List<TableName> names = new ArrayList<>();
        for (PendingChange pending : together) {
            names.add(targets.of(pending.change()).name());
        }
        List<TableName> distinct = names.stream().distinct().toList();
        if (attempt(names.getFirst(), () -> Truncation.of(connection, distinct))) {
            for (TableName name : distinct) {
                quarantine.removeAll(connection, name);
            }
        } else {
            targets.forget();
            for (PendingChange pending : together) {
                quarantine.add(connection, pending, "the tables " + names + " could not be emptied: " + lastFault);
            }
        }
    }

    private void flushAll() throws Exception {
        for (TableName name : List.copyOf(runs.keySet())) {
            flush(name);
        }
    }

    private void flush(TableName name) throws Exception {
        TableRun run = runs.remove(name);
        if (run == null) {
            return;
        }
        TableNet net = TableNet.of(run.changes());
        TableStatements table = run.target().statements();
        missing = false;
        boolean applied = copiesFresh(name, net, table)
                || !missing && attempt(name, () -> net.apply(connection, table, Way.UPSERT))
                || !missing && attempt(name, () -> net.apply(connection, table, Way.REPLACE));
        if (missing) {
            applyToWhatIsLeft(run.changes());
        } else if (!applied) {
            applyOneByOne(run.target(), run.changes());
        }
    }

    /** Rows that are new in the origin need not be looked for here; where they are there after all, that is found out. */
    private boolean copiesFresh(TableName name, TableNet net, TableStatements table) throws SQLException {
        if (!table.canCopy() || net.freshRows() < FRESH_ROWS_MIN) {
            return false;
        }
        int wait = flushesBeforeCopy.merge(name, -1, Integer::sum);
        if (wait >= 0) {
            return false;
        }
        flushesBeforeCopy.remove(name);
        boolean copied = attempt(name, () -> net.apply(connection, table, Way.COPY_FRESH));
        if (!copied) {
            flushesBeforeCopy.put(name, FLUSHES_AFTER_FAILURE);
        }
        return copied;
    }

    /** The table, or a column of it, has been dropped since it was looked at. */
    private void applyToWhatIsLeft(List<PendingChange> changes) throws Exception {
        targets.forget();
        for (PendingChange pending : changes) {
            switch (targets.of(pending.change())) {
                case Target.Broken(TableName name, String reason) -> putAside(pending, reason);
                case Target.Ready ready -> applyOneByOne(ready, List.of(pending));
            }
        }
    }

    @FunctionalInterface
    private interface Work {
        void run() throws SQLException;
    }

    /** False if it failed in a way that trying again will not heal; nothing of it is left then. */
    private boolean attempt(TableName name, Work work) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            work.run();
            connection.releaseSavepoint(before);
            return true;
        } catch (SQLException e) {
            if (Faults.mayHeal(e)) {
                throw explained(name, e);
            }
            connection.rollback(before);
            connection.releaseSavepoint(before);
            missing |= Faults.isMissingObject(e);
            lastFault = Faults.message(e);
            LOG.atDebug().addKeyValue("table", name).log("a batch did not go through as a set: {}", Faults.message(e));
            return false;
        }
    }

    private SQLException explained(TableName name, SQLException e) throws SQLException {
        String what = "cannot apply to " + name + ": " + Faults.message(e);
        String user = connection.getMetaData().getUserName();
        String advice =
                "42501".equals(e.getSQLState()) ? "; the table's owner can run: " + Rights.table(name, user) : "";
        return new SQLException(what + advice, e.getSQLState(), e);
    }

    /** In their own order, so that every unique value is free again by the time it is used again, as it was in the origin. */
    private void applyOneByOne(Target.Ready target, List<PendingChange> changes) throws Exception {
        for (PendingChange pending : changes) {
            if (quarantine.holds(pending.key())) {
                quarantine.follow(connection, pending);
            } else {
                applyOne(target, pending);
            }
        }
    }

    private void applyOne(Target.Ready target, PendingChange pending) throws SQLException, PartFailedException {
        Savepoint before = connection.setSavepoint();
        try {
            execute(connection, target.statements(), pending.change());
            connection.releaseSavepoint(before);
        } catch (SQLException e) {
            if (Faults.mayHeal(e)) {
                throw explained(target.name(), e);
            }
            connection.rollback(before);
            connection.releaseSavepoint(before);
            quarantine.add(connection, pending, e.getSQLState() + ": " + Faults.message(e));
            LOG.atWarn()
                    .addKeyValue("table", target.name())
                    .addKeyValue("origin", pending.change().origin())
                    .log("a change cannot be applied and is put in quarantine, SQLSTATE {}", e.getSQLState());
        }
    }

    /** One change of a table with one writer. */
    static void execute(Connection connection, TableStatements table, Change change) throws SQLException {
        Row before = change.before();
        Row after = change.after();
        if (after == null) {
            if (before != null) {
                table.delete(connection, List.of(before));
            }
        } else if (!after.hasHoles()) {
            if (before != null) {
                table.delete(connection, List.of(before)); // the row moves with its unique values
            }
            table.upsert(connection, List.of(after));
        } else if (before != null) {
            table.move(connection, before, after);
        } else {
            table.update(connection, List.of(after));
        }
    }
}
