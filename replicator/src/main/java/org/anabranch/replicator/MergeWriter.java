package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.anabranch.conflict.Stamp;
import org.anabranch.replicator.MergedRows.Outcome;
import org.anabranch.replicator.MergedRows.Unwritten;
import org.anabranch.replicator.MergedRows.Wanted;
import org.anabranch.replicator.MergedRows.Way;
import org.anabranch.replicator.TargetTables.Target;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.Row;
import org.jspecify.annotations.Nullable;

/**
 * Applies merges in the caller's transaction, table by table: writes rows where the database holds nothing unseen, defers the
 * others, and puts those that the database refuses into quarantine, until a newer merge of the row goes through.
 */
final class MergeWriter {

    private final Connection connection;
    private final MergedRows rows;
    private final Deferrals deferrals;
    private final Shown shown;
    private final Quarantine quarantine;
    private final InstantSource clock;
    private final Map<GuardedStatements, List<PendingChange>> batch = new LinkedHashMap<>();
    private boolean copying = true;

    /** @param guards whether the region writes, so that its database may hold what its resolver has not seen */
    MergeWriter(
            Connection connection,
            boolean guards,
            Deferrals deferrals,
            Shown shown,
            Quarantine quarantine,
            InstantSource clock) {
        this.connection = connection;
        this.rows = new MergedRows(connection, guards);
        this.deferrals = deferrals;
        this.shown = shown;
        this.quarantine = quarantine;
        this.clock = clock;
    }

    /** @param isCopying whether the region's own first copy is under way, or may be */
    void copying(boolean isCopying) {
        copying = isCopying;
    }

    void clear() {
        batch.clear();
    }

    /** Takes a merge for the next {@link #flush}. */
    void add(Target.Ready target, PendingChange merge) throws SQLException, PartFailedException {
        GuardedStatements table = target.guarded();
        if (table == null) {
            quarantine.add(connection, merge, "by the configuration its table has one writer");
        } else if (!target.statements().fits(merge.change())) {
            quarantine.add(connection, merge, "it has not as many values as its table's schema has columns");
        } else {
            batch.computeIfAbsent(table, t -> new ArrayList<>()).add(merge);
        }
    }

    void flush() throws SQLException, PartFailedException {
        for (var ofTable : batch.entrySet()) {
            write(ofTable.getKey(), wanted(ofTable.getValue()));
        }
        batch.clear();
    }

    private List<Wanted> wanted(List<PendingChange> merges) {
        List<Wanted> wanted = new ArrayList<>();
        Map<RowKey, List<PendingChange>> byRow = MergedRows.byRow(merges);
        byRow.forEach((key, ofRow) -> {
            Map<String, Stamp> first = MergedRows.firstOf(ofRow);
            PendingChange newest = newest(ofRow);
            if (newest != null) {
                wanted.add(new Wanted(newest, first, null));
            } else {
                holdBack(key.bytes(), first);
            }
        });
        return wanted;
    }

    private static @Nullable PendingChange newest(List<PendingChange> merges) {
        return merges.stream()
                .filter(merge -> merge.role() != PendingChange.Role.SUPERSEDED)
                .reduce((one, other) -> other)
                .orElse(null);
    }

    /** A row that was told of by a newer merge, which waits, is no further for having been told of by an older one. */
    private void holdBack(byte[] key, Map<String, Stamp> first) {
        Deferred waiting = deferrals.get(key);
        if (waiting != null) {
            deferrals.put(new Deferred(
                    waiting.merge(),
                    waiting.lookedAt(),
                    waiting.version(),
                    Deferred.join(waiting.holdsBack(), first),
                    waiting.sinceMillis()));
        }
    }

    /** Looks again at rows that were deferred: what was unseen has come through by now, or there was nothing. */
    void again(Map<GuardedStatements, List<Deferred>> due) throws SQLException, PartFailedException {
        for (var ofTable : due.entrySet()) {
            write(
                    ofTable.getKey(),
                    ofTable.getValue().stream().map(Wanted::again).toList());
        }
    }

    /** Locks rows that are written without pause, so that their resolver can catch up with them; false if it could not. */
    boolean lock(GuardedStatements table, List<Deferred> waiting) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            table.lock(
                    connection,
                    waiting.stream().map(one -> keyOf(one.merge().change())).toList());
            connection.releaseSavepoint(before);
            return true;
        } catch (SQLException e) {
            if (!Faults.isContention(e)) {
                throw e;
            }
            connection.rollback(before);
            return false;
        }
    }

    private static Row keyOf(Change merge) {
        return Objects.requireNonNull(merge.after() == null ? merge.before() : merge.after());
    }

    private void write(GuardedStatements table, List<Wanted> wanted) throws SQLException, PartFailedException {
        if (wanted.isEmpty()) {
            return;
        }
        for (Wanted one : wanted) {
            if (quarantine.holds(one.merge().key())) {
                quarantine.remove(connection, one.merge().key());
            }
        }
        Optional<SQLException> refused = attempt(table, wanted, Way.UPDATE);
        if (refused.isPresent() && wanted.size() > 1) {
            refused = attempt(table, wanted, Way.REPLACE);
        }
        if (refused.isPresent()) {
            for (Wanted one : wanted) {
                writeOne(table, one);
            }
        }
    }

    private void writeOne(GuardedStatements table, Wanted wanted) throws SQLException, PartFailedException {
        Optional<SQLException> refused = attempt(table, List.of(wanted), Way.UPDATE);
        if (refused.isPresent()) {
            SQLException why = refused.get();
            deferrals.remove(wanted.merge().key());
            quarantine.add(connection, wanted.merge(), why.getSQLState() + ": " + Faults.message(why));
        }
    }

    /** Gives the error if the database refuses a row for good; nothing is written then. */
    private Optional<SQLException> attempt(GuardedStatements table, List<Wanted> wanted, Way way) throws SQLException {
        Savepoint before = connection.setSavepoint();
        Outcome outcome;
        try {
            outcome = rows.write(table, wanted, copying, way);
            connection.releaseSavepoint(before);
        } catch (SQLException e) {
            if (Faults.mayHeal(e)) {
                throw e;
            }
            connection.rollback(before);
            connection.releaseSavepoint(before);
            return Optional.of(e);
        }
        for (Wanted written : outcome.written()) {
            deferrals.remove(written.merge().key());
            shown.written(written.merge());
        }
        defer(outcome.deferred());
        return Optional.empty();
    }

    private void defer(List<Unwritten> waiting) throws SQLException {
        if (waiting.isEmpty()) {
            return;
        }
        long lookedAt = rows.lookedAt();
        for (Unwritten one : waiting) {
            Wanted wanted = one.wanted();
            Deferred before = deferrals.get(wanted.merge().key());
            deferrals.put(new Deferred(
                    wanted.merge(),
                    lookedAt,
                    one.version(),
                    before == null ? wanted.holdsBack() : Deferred.join(before.holdsBack(), wanted.holdsBack()),
                    before == null ? clock.millis() : before.sinceMillis()));
        }
    }
}
