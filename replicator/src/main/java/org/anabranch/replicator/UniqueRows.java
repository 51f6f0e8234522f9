package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.anabranch.conflict.ClaimOrder;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Stamp;
import org.anabranch.replicator.ClaimStore.Claim;
import org.anabranch.replicator.HolderStatements.Holder;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.ConflictRecord;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableName;
import org.jspecify.annotations.Nullable;

/**
 * Rows of tables with several writers that are in one another's way, because of what no two rows may have the same: {@link ClaimOrder}
 * on the database. A row that has to go is displaced: taken out of its table, put into quarantine, and written again when there is
 * room for it. All in the caller's transaction.
 */
final class UniqueRows {

    /** What becomes of a row that the database has refused. */
    enum Outcome {
        /** There is room for it now. */
        THERE_IS_ROOM,
        /** It is displaced. */
        DISPLACED,
        /** It waits for what is on its way from the region itself. */
        WAITS,
        /** Nothing is known that would tell who comes first, though there was time. */
        UNDECIDED,
        /** It is refused for something else. */
        NOT_UNIQUE
    }

    /** A row of a table, by {@link ClaimStore#rowKey}. */
    private record Place(TableName table, String rowKey) {}

    /**
     * @param version of the row itself as it was then; null for none
     * @param holders versions of the rows in its way
     */
    private record Waiting(PendingChange merge, @Nullable String version, Map<Place, String> holders) {}

    /**
     * A row in another's way.
     *
     * @param merge what made it what it is, or what is about to be written over it; null where that is not known, or the row may have
     *     been written since
     * @param isNext whether the merge is about to be written, and only waits for others
     */
    private record InTheWay(
            Place place, Holder holder, @Nullable PendingChange merge, boolean isNext) {
        @Nullable
        Stamp claim() {
            return merge == null ? null : merge.claim();
        }
    }

    private final Connection connection;
    private final boolean guards;
    private final Quarantine quarantine;
    private final Deferrals deferrals;
    private final ClaimStore claims;
    private final ConflictJournal journal;
    private final Map<Place, Waiting> waiting = new HashMap<>();

    /** Versions that hold nothing unseen, though it does not look so: their tables were rewritten. */
    private final Map<Place, String> known = new HashMap<>();

    /** Of rows that nobody could decide about, what was in their way. */
    private final Map<RowKey, Map<Place, String>> undecided = new HashMap<>();

    private final Map<RowKey, ConflictRecord> displacedNow = new LinkedHashMap<>();

    /** @param guards whether the region writes, so that its database may hold what its resolver has not seen */
    UniqueRows(Connection connection, boolean guards, Quarantine quarantine, Deferrals deferrals, Tally tally) {
        this.connection = connection;
        this.guards = guards;
        this.quarantine = quarantine;
        this.deferrals = deferrals;
        claims = new ClaimStore(connection);
        journal = new ConflictJournal(connection, tally);
    }

    /** After a rollback. */
    void forget() {
        waiting.clear();
        known.clear();
        undecided.clear();
        displacedNow.clear();
        journal.clear();
    }

    /** Rows that stand in the table as their merges say. */
    void written(GuardedStatements table, List<PendingChange> merges) throws SQLException {
        if (table.holders() == null || merges.isEmpty()) {
            return;
        }
        claims.written(table.statements(), merges);
        if (waiting.isEmpty() && known.isEmpty() && undecided.isEmpty()) {
            return;
        }
        for (PendingChange merge : merges) {
            Place place = place(table, merge.row());
            waiting.remove(place);
            known.remove(place);
            undecided.remove(new RowKey(merge.key()));
        }
    }

    /** Whether a displaced row is worth another try. */
    boolean mayHaveRoom(GuardedStatements table, PendingChange displaced, boolean copying) throws SQLException {
        List<InTheWay> others = inTheWay(table, displaced, copying);
        return !versions(others).equals(undecided.get(new RowKey(displaced.key())))
                && ClaimOrder.of(displaced.claim(), stamps(others)) != ClaimOrder.Verdict.YIELDS;
    }

    /** A newer merge of the row waits, or this one for something else. */
    void waitsForOthersNoLonger(GuardedStatements table, PendingChange merge) {
        if (!waiting.isEmpty()) {
            waiting.remove(place(table, merge.row()));
        }
    }

    /**
     * @param own version of the row that is there and may be written over; null for none
     * @param isSecondLook whether all that the region had written when it was looked at first has come through
     */
    Outcome makeRoom(
            GuardedStatements table, PendingChange merge, @Nullable String own, boolean isSecondLook, boolean copying)
            throws SQLException {
        if (table.holders() == null) {
            return Outcome.NOT_UNIQUE;
        }
        Waiting before = waiting.remove(place(table, merge.row()));
        if (isSecondLook && before != null) {
            known.putAll(before.holders());
        }
        List<InTheWay> others = inTheWay(table, merge, copying);
        Map<Place, String> versions = versions(others);
        Outcome outcome =
                switch (ClaimOrder.of(merge.claim(), stamps(others))) {
                    case TAKES -> displace(table, others, merge) ? Outcome.THERE_IS_ROOM : Outcome.WAITS;
                    case YIELDS -> giveWay(table, merge, own, others) ? Outcome.DISPLACED : Outcome.WAITS;
                    case WAITS -> {
                        boolean isInVain = !guards
                                || before != null
                                        && isSecondLook
                                        && before.holders().equals(versions);
                        yield isInVain ? Outcome.UNDECIDED : Outcome.WAITS;
                    }
                };
        if (outcome == Outcome.WAITS) {
            waiting.put(place(table, merge.row()), new Waiting(merge, own, versions));
        }
        return outcome;
    }

    /**
     * Nobody can decide about the row: it is displaced until other rows are in its way. False if somebody is about to write it.
     *
     * @param own version of the row that is there and may be written over; null for none
     */
    boolean giveUp(GuardedStatements table, PendingChange merge, @Nullable String own, String why, boolean copying)
            throws SQLException {
        if (own != null && !take(table, Map.of(merge.row(), own))) {
            return false;
        }
        undecided.put(new RowKey(merge.key()), versions(inTheWay(table, merge, copying)));
        quarantine.displace(connection, merge, why);
        return true;
    }

    private List<InTheWay> inTheWay(GuardedStatements table, PendingChange merge, boolean copying) throws SQLException {
        HolderStatements statements = table.holders();
        List<Holder> holders = statements == null ? List.of() : statements.of(connection, merge.row());
        Map<String, Claim> found = claims.read(
                table.statements(), holders.stream().map(Holder::row).toList());
        List<InTheWay> others = new ArrayList<>();
        for (Holder holder : holders) {
            Place place = place(table, holder.row());
            Waiting next = waiting.get(place);
            Claim claim = found.get(place.rowKey());
            if (next != null && holder.version().equals(next.version())) {
                others.add(new InTheWay(place, holder, next.merge(), true));
            } else if (claim != null && isSeen(place, holder, claim, copying)) {
                others.add(new InTheWay(place, holder, asItStands(holder, claim, merge.change()), false));
            } else {
                others.add(new InTheWay(place, holder, null, false));
            }
        }
        return others;
    }

    private boolean isSeen(Place place, Holder holder, Claim claim, boolean copying) {
        Long commitMicros = holder.writer().commitMicros();
        return !guards
                || holder.writer().byApplier()
                || (commitMicros == null ? !copying : commitMicros <= claim.seenMicros())
                || holder.version().equals(known.get(place));
    }

    /** The merge that would write the row as it is; null if the claim is not known yet. */
    private static @Nullable PendingChange asItStands(Holder holder, Claim claim, Change other) {
        Stamp stamp = claim.stamp();
        if (stamp == null) {
            return null;
        }
        Change.Verdict verdict = new Change.Verdict(claim.seenMicros(), false, stamp);
        Change change = new Change(
                Operation.MERGE,
                stamp,
                stamp.hybridMicros(),
                other.tableFingerprint(),
                null,
                holder.row(),
                Context.NOTHING,
                verdict);
        return new PendingChange(claim.key(), change, 0, 0);
    }

    /** False if somebody is about to write one. */
    private boolean displace(GuardedStatements table, List<InTheWay> others, PendingChange by) throws SQLException {
        Map<Row, String> versions = new LinkedHashMap<>();
        others.forEach(
                other -> versions.put(other.holder().row(), other.holder().version()));
        if (!take(table, versions)) {
            return false;
        }
        for (InTheWay other : others) {
            PendingChange displaced = Objects.requireNonNull(other.merge());
            if (other.isNext()) {
                waiting.remove(other.place());
                deferrals.remove(displaced.key());
            }
            quarantine(table, other.holder().index(), displaced, by);
        }
        return true;
    }

    /** False if somebody is about to write the row. */
    private boolean giveWay(GuardedStatements table, PendingChange merge, @Nullable String own, List<InTheWay> others)
            throws SQLException {
        Stamp claim = Objects.requireNonNull(merge.claim());
        InTheWay first = others.stream()
                .filter(other -> {
                    Stamp otherClaim = other.claim();
                    return otherClaim != null && otherClaim.compareTo(claim) < 0;
                })
                .findFirst()
                .orElseThrow();
        if (own != null && !take(table, Map.of(merge.row(), own))) {
            return false;
        }
        quarantine(table, first.holder().index(), merge, Objects.requireNonNull(first.merge()));
        return true;
    }

    /** All of these rows, by their versions, or none: if somebody has written one since, or is about to. */
    private boolean take(GuardedStatements table, Map<Row, String> versions) throws SQLException {
        List<Row> rows = List.copyOf(versions.keySet());
        Savepoint before = connection.setSavepoint();
        boolean isTaken;
        try {
            isTaken = table.delete(
                                    connection,
                                    rows,
                                    rows.stream().map(versions::get).toList())
                            .size()
                    == rows.size();
        } catch (SQLException e) {
            if (!Faults.isContention(e)) {
                throw e;
            }
            isTaken = false;
        }
        if (isTaken) {
            claims.remove(table.statements(), rows);
            rows.forEach(row -> known.remove(place(table, row)));
        } else {
            connection.rollback(before);
        }
        connection.releaseSavepoint(before);
        return isTaken;
    }

    private void quarantine(GuardedStatements table, UniqueIndex index, PendingChange displaced, PendingChange by)
            throws SQLException {
        Stamp first = Objects.requireNonNull(by.claim());
        Stamp later = Objects.requireNonNull(displaced.claim());
        quarantine.displace(
                connection,
                displaced,
                "the row " + ClaimStore.rowKey(table.statements(), by.row()) + ", which " + first.origin()
                        + " wrote before, has the same " + String.join(", ", index.expressions()) + " (" + index.name()
                        + "); this one comes back when there is room for it");
        displacedNow.put(
                new RowKey(displaced.key()),
                new ConflictRecord(
                        side(table, first, by),
                        side(table, later, displaced),
                        List.of(new ConflictRecord.Loss(
                                index.expressions(), "unique: " + index.name(), first.origin()))));
    }

    private static ConflictRecord.Side side(GuardedStatements table, Stamp stamp, PendingChange merge) {
        return new ConflictRecord.Side(
                stamp, stamp.hybridMicros(), false, table.statements().json(merge.row()));
    }

    /** Writes into the journal which rows were displaced, and still are. */
    void journal() throws SQLException {
        displacedNow.forEach((key, conflict) -> {
            if (quarantine.isDisplaced(key.bytes())) {
                journal.add(key.bytes(), conflict);
            }
        });
        displacedNow.clear();
        journal.flush();
    }

    private static List<@Nullable Stamp> stamps(List<InTheWay> others) {
        List<@Nullable Stamp> stamps = new ArrayList<>();
        others.forEach(other -> stamps.add(other.claim()));
        return stamps;
    }

    private static Place place(GuardedStatements table, Row row) {
        return new Place(table.statements().name(), ClaimStore.rowKey(table.statements(), row));
    }

    private static Map<Place, String> versions(List<InTheWay> others) {
        Map<Place, String> versions = new HashMap<>();
        others.forEach(other -> versions.put(other.place(), other.holder().version()));
        return versions;
    }
}
