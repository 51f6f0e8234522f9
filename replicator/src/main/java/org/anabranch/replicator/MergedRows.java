package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.anabranch.conflict.Answer;
import org.anabranch.conflict.ApplyGuard;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.Values;
import org.anabranch.replicator.GuardedStatements.Found;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.Row;
import org.jspecify.annotations.Nullable;

/**
 * Writes merged rows, a set at a time, and none over a local change that its resolver has not seen: such a row is deferred. What
 * is written, and what is deferred, is told to the caller, who owns the transaction and may roll it back.
 */
final class MergedRows {

    private static final Values SOME = Values.of();

    private final Connection connection;
    private final boolean guards;

    /** @param guards whether the region writes, so that its database may hold what its resolver has not seen */
    MergedRows(Connection connection, boolean guards) {
        this.connection = connection;
        this.guards = guards;
    }

    /**
     * What a batch says of one row.
     *
     * @param merge what is to be written
     * @param holdsBack by origin the first change of the row that the batch would show
     * @param before if it was deferred before, and the region's own changes have come through since: as it was then
     * @param wasDisplaced whether the applier itself had taken the row away: see {@link UniqueRows}
     */
    record Wanted(
            PendingChange merge,
            Map<String, Stamp> holdsBack,
            @Nullable Deferred before,
            boolean wasDisplaced) {

        static Wanted again(Deferred deferred) {
            return new Wanted(deferred.merge(), deferred.holdsBack(), deferred, false);
        }

        Wanted displaced() {
            return new Wanted(merge, holdsBack, before, true);
        }

        private @Nullable Row row() {
            return merge.change().after();
        }

        private boolean isUnchangedSince(@Nullable Found found) {
            return before != null && Objects.equals(before.version(), found == null ? null : found.version());
        }
    }

    /**
     * A row that was not written.
     *
     * @param version what was found; null for no row
     */
    record Unwritten(Wanted wanted, @Nullable String version) {}

    /**
     * What has become of the rows.
     *
     * @param written those that stand in the database now as they were wanted
     * @param deferred the others
     */
    record Outcome(List<Wanted> written, List<Unwritten> deferred) {}

    /** For each row its newest merge, and all that it would show. Of rows of which only superseded ones came, null as the merge. */
    static Map<RowKey, List<PendingChange>> byRow(List<PendingChange> merges) {
        Map<RowKey, List<PendingChange>> rows = new LinkedHashMap<>();
        for (PendingChange merge : merges) {
            rows.computeIfAbsent(new RowKey(merge.key()), key -> new ArrayList<>())
                    .add(merge);
        }
        return rows;
    }

    /** By origin the first change of one row; those that came again were shown before. */
    static Map<String, Stamp> firstOf(List<PendingChange> merges) {
        Map<String, Stamp> first = new HashMap<>();
        for (PendingChange merge : merges) {
            if (merge.role() != PendingChange.Role.REPEATED) {
                Stamp stamp = merge.change().stamp();
                first.merge(stamp.origin(), stamp, (a, b) -> a.compareTo(b) < 0 ? a : b);
            }
        }
        return first;
    }

    /** How rows that are there become others. */
    enum Way {
        UPDATE,
        /** Also where they take unique values from each other. */
        REPLACE
    }

    /**
     * Deletes come first: they free unique values for the others.
     *
     * @param copying whether the region's own first copy is under way, so that rows too old to have a time may be unseen too
     */
    Outcome write(GuardedStatements table, List<Wanted> wanted, boolean copying, Way way) throws SQLException {
        Outcome outcome = new Outcome(new ArrayList<>(), new ArrayList<>());
        deleteRows(table, wanted.stream().filter(w -> w.row() == null).toList(), copying, outcome);
        writeRows(table, wanted.stream().filter(w -> w.row() != null).toList(), copying, way, outcome);
        return outcome;
    }

    private void writeRows(GuardedStatements table, List<Wanted> wanted, boolean copying, Way way, Outcome outcome)
            throws SQLException {
        Map<Integer, Found> found = table.look(connection, rows(wanted));
        List<Wanted> absent = new ArrayList<>();
        List<Wanted> present = new ArrayList<>();
        List<String> versions = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            Wanted one = wanted.get(i);
            Found now = found.get(i);
            if (now != null && now.isSame()) {
                outcome.written().add(one);
            } else if (!allows(one, now, copying)) {
                outcome.deferred().add(unwritten(one, now));
            } else if (now == null) {
                absent.add(one);
            } else {
                present.add(one);
                versions.add(now.version());
            }
        }
        Set<Integer> written = way == Way.UPDATE
                ? table.update(connection, rows(present), versions)
                : table.replace(connection, rows(present), versions);
        take(present, versions, written, outcome);
        insert(table, absent, outcome);
    }

    /** What the database holds of a row; null for nothing. */
    @Nullable
    Found find(GuardedStatements table, Wanted wanted) throws SQLException {
        return table.lookByKey(connection, List.of(wanted.merge().row())).get(0);
    }

    private void insert(GuardedStatements table, List<Wanted> absent, Outcome outcome) throws SQLException {
        if (table.insert(connection, rows(absent)) == absent.size()) {
            outcome.written().addAll(absent);
            return;
        }
        Map<Integer, Found> found = table.look(connection, rows(absent));
        for (int i = 0; i < absent.size(); i++) {
            Found now = found.get(i);
            boolean isOurs = now != null && now.writer().commitMicros() == null;
            if (isOurs) {
                outcome.written().add(absent.get(i));
            } else {
                outcome.deferred().add(unwritten(absent.get(i), now));
            }
        }
    }

    private void deleteRows(GuardedStatements table, List<Wanted> wanted, boolean copying, Outcome outcome)
            throws SQLException {
        Map<Integer, Found> found = table.lookByKey(connection, rows(wanted));
        List<Wanted> present = new ArrayList<>();
        List<String> versions = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            Wanted one = wanted.get(i);
            Found now = found.get(i);
            if (now == null) {
                outcome.written().add(one);
            } else if (!allows(one, now, copying)) {
                outcome.deferred().add(unwritten(one, now));
            } else {
                present.add(one);
                versions.add(now.version());
            }
        }
        take(present, versions, table.delete(connection, rows(present), versions), outcome);
    }

    private static void take(List<Wanted> wanted, List<String> versions, Set<Integer> written, Outcome outcome) {
        for (int i = 0; i < wanted.size(); i++) {
            if (written.contains(i)) {
                outcome.written().add(wanted.get(i));
            } else {
                outcome.deferred().add(new Unwritten(wanted.get(i), versions.get(i)));
            }
        }
    }

    private static List<Row> rows(List<Wanted> wanted) {
        return wanted.stream().map(one -> one.merge().row()).toList();
    }

    private static Unwritten unwritten(Wanted wanted, @Nullable Found found) {
        return new Unwritten(wanted, found == null ? null : found.version());
    }

    boolean allows(Wanted wanted, @Nullable Found found, boolean copying) {
        if (!guards || found == null && wanted.wasDisplaced()) {
            return true;
        }
        if (wanted.before() != null) {
            // Changed since: whatever the answer says of what it had seen, another one is on its way.
            return wanted.isUnchangedSince(found);
        }
        boolean isOld =
                found != null && !found.writer().byApplier() && found.writer().commitMicros() == null;
        Change.Verdict verdict = Objects.requireNonNull(wanted.merge().change().verdict());
        Optional<Values> row = wanted.row() == null ? Optional.empty() : Optional.of(SOME);
        Answer answer =
                new Answer(row, verdict.seenMicros(), verdict.mayBeDeletedUnseen(), Context.NOTHING, verdict.claim());
        return !(copying && isOld) && ApplyGuard.allows(answer, found == null ? null : found.writer());
    }

    /** A position in the WAL before which everything was committed that could be seen until now. */
    long lookedAt() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint")) {
            row.next();
            return row.getLong(1);
        }
    }
}
