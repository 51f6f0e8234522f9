package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.anabranch.conflict.Stamp;
import org.anabranch.replicator.GuardedStatements.Found;
import org.anabranch.replicator.MergedRows.Outcome;
import org.anabranch.replicator.MergedRows.Unwritten;
import org.anabranch.replicator.MergedRows.Wanted;
import org.anabranch.replicator.MergedRows.Way;
import org.anabranch.replicator.TargetTables.Target;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.RecordKey;
import org.jspecify.annotations.Nullable;

/**
 * Applies merges in the caller's transaction, table by table: writes rows where the database holds nothing unseen, defers the
 * others, and puts those that the database refuses into quarantine, until a newer merge of the row goes through.
 */
final class MergeWriter {

    /** So often rows are looked for that are in one row's way: between two looks others may write. */
    private static final int ROOMS_MAX = 5;

    /** Each row that comes back may make room for others, by making those go that were in their way. */
    private static final int ROUNDS_MAX = 20;

    private static final int DISPLACED_AT_ONCE = 100;

    private final Connection connection;
    private final MergedRows rows;
    private final Deferrals deferrals;
    private final Shown shown;
    private final Quarantine quarantine;
    private final Tally tally;
    private final InstantSource clock;
    private final UniqueRows unique;
    private final Map<GuardedStatements, List<PendingChange>> batch = new LinkedHashMap<>();
    private boolean copying = true;
    private int firstDisplaced;

    /**
     * @param guards whether the region writes, so that its database may hold what its resolver has not seen
     * @param tally is told what is deferred, and of conflicts
     */
    MergeWriter(
            Connection connection,
            boolean guards,
            Deferrals deferrals,
            Shown shown,
            Quarantine quarantine,
            Tally tally,
            InstantSource clock) {
        this.connection = connection;
        this.rows = new MergedRows(connection, guards);
        this.deferrals = deferrals;
        this.shown = shown;
        this.quarantine = quarantine;
        this.tally = tally;
        this.clock = clock;
        unique = new UniqueRows(connection, guards, quarantine, deferrals, tally);
    }

    /** @param isCopying whether the region's own first copy is under way, or may be */
    void copying(boolean isCopying) {
        copying = isCopying;
    }

    void clear() {
        batch.clear();
    }

    /** After a rollback. */
    void forget() {
        batch.clear();
        unique.forget();
    }

    /** Takes a merge for the next {@link #flush}. */
    void add(Target.Ready target, PendingChange merge) throws SQLException, PartFailedException {
        GuardedStatements table = target.guarded();
        if (table == null) {
            putAside(merge, "by the configuration its table has one writer");
        } else if (!target.statements().fits(merge.change())) {
            putAside(merge, "it has not as many values as its table's schema has columns");
        } else {
            boolean isUnderAnotherSchema = !batch.containsKey(table)
                    && batch.keySet().stream()
                            .anyMatch(other -> other.statements().name().equals(target.name()));
            if (isUnderAnotherSchema) {
                flush(); // a row's newest merge is the last, whatever schema it came under
            }
            batch.computeIfAbsent(table, t -> new ArrayList<>()).add(merge);
        }
    }

    /** Of a row only the newest answer is kept in quarantine: no older one is ever written after it. */
    void putAside(PendingChange merge, String why) throws SQLException, PartFailedException {
        if (merge.role() == PendingChange.Role.SUPERSEDED) {
            return;
        }
        supersede(merge.key());
        if (quarantine.holds(merge.key())) {
            quarantine.remove(connection, merge.key());
        }
        quarantine.add(connection, merge, why);
        shown.unwritten(merge);
    }

    /** Tries a merge again that is taken out of quarantine; it has to be the newest answer of its row. */
    void again(GuardedStatements table, PendingChange merge) throws SQLException, PartFailedException {
        writeOne(table, new Wanted(merge, Map.of(), null, false));
    }

    /** Something came of a row that is no merge, and newer than the one that waits: that must not be written any more. */
    void supersede(byte[] key) throws SQLException {
        deferrals.remove(key);
        quarantine.removeDisplaced(connection, key);
        batch.values().forEach(merges -> merges.removeIf(merge -> Arrays.equals(merge.key(), key)));
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
                wanted.add(new Wanted(newest, first, null, false));
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
                    connection, waiting.stream().map(one -> one.merge().row()).toList());
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

    /** Where some are refused, the others are still written many at a time. */
    private void write(GuardedStatements table, List<Wanted> merges) throws SQLException, PartFailedException {
        List<Wanted> wanted = takenOutOfQuarantine(merges);
        if (wanted.size() == 1) {
            writeOne(table, wanted.getFirst());
        } else if (!wanted.isEmpty()
                && attempt(table, wanted, Way.UPDATE).isPresent()
                && attempt(table, wanted, Way.REPLACE).isPresent()) {
            int half = wanted.size() / 2;
            write(table, wanted.subList(0, half));
            write(table, wanted.subList(half, wanted.size()));
        }
    }

    /** Asked again for each part: what was written meanwhile may have displaced others of them. */
    private List<Wanted> takenOutOfQuarantine(List<Wanted> merges) throws SQLException {
        List<Wanted> wanted = new ArrayList<>(merges);
        for (int i = 0; i < wanted.size(); i++) {
            byte[] key = wanted.get(i).merge().key();
            PendingChange displaced = quarantine.displaced(key);
            if (displaced != null
                    && displaced.seenMicros() >= wanted.get(i).merge().seenMicros()) {
                wanted.set(
                        i,
                        wanted.get(i)
                                .displaced()); // else the region has written the row since, and may have deleted it
            }
            if (quarantine.holds(key)) {
                quarantine.remove(connection, key);
            }
        }
        return wanted;
    }

    private void writeOne(GuardedStatements table, Wanted wanted) throws SQLException, PartFailedException {
        Optional<SQLException> refused = attempt(table, List.of(wanted), Way.UPDATE);
        UniqueRows.Outcome outcome = UniqueRows.Outcome.THERE_IS_ROOM;
        for (int i = 0; refused.isPresent() && outcome == UniqueRows.Outcome.THERE_IS_ROOM; i++) {
            outcome = i < ROOMS_MAX ? makeRoom(table, wanted, refused.get()) : UniqueRows.Outcome.UNDECIDED;
            if (outcome == UniqueRows.Outcome.THERE_IS_ROOM) {
                refused = attempt(table, List.of(wanted), Way.UPDATE);
            }
        }
        if (refused.isPresent()) {
            isRefused(table, wanted, outcome, refused.get().getSQLState() + ": " + Faults.message(refused.get()));
        }
    }

    private void isRefused(GuardedStatements table, Wanted wanted, UniqueRows.Outcome outcome, String why)
            throws SQLException, PartFailedException {
        PendingChange merge = wanted.merge();
        String own = outcome == UniqueRows.Outcome.NOT_UNIQUE ? null : version(table, wanted);
        boolean waits = outcome == UniqueRows.Outcome.WAITS
                || outcome == UniqueRows.Outcome.UNDECIDED && !unique.giveUp(table, merge, own, why, copying);
        if (waits) {
            defer(List.of(new Unwritten(wanted, own)));
            return;
        }
        if (outcome == UniqueRows.Outcome.NOT_UNIQUE) {
            quarantine.add(connection, merge, why);
        }
        deferrals.remove(merge.key());
        shown.unwritten(merge);
    }

    private @Nullable String version(GuardedStatements table, Wanted wanted) throws SQLException {
        Found own = rows.find(table, wanted);
        return own == null ? null : own.version();
    }

    private UniqueRows.Outcome makeRoom(GuardedStatements table, Wanted wanted, SQLException refused)
            throws SQLException, PartFailedException {
        if (!Faults.isUniqueViolation(refused)) {
            return UniqueRows.Outcome.NOT_UNIQUE;
        }
        Found own = rows.find(table, wanted);
        if (!rows.allows(wanted, own, copying)) {
            unique.waitsForOthersNoLonger(table, wanted.merge());
            return UniqueRows.Outcome.WAITS; // written since, so another merge is on its way
        }
        return unique.makeRoom(
                table, wanted.merge(), own == null ? null : own.version(), wanted.before() != null, copying);
    }

    /** Looks at rows that are displaced: whether there is room for them now. Gives whether anything was written. */
    boolean displacedAgain(BatchWriter.TargetLookup targets) throws Exception {
        boolean isAnyWritten = false;
        boolean isOneWritten = quarantine.hasDisplaced();
        for (int round = 0; isOneWritten && round < ROUNDS_MAX; round++) {
            isOneWritten = false;
            for (PendingChange displaced : nextDisplaced()) {
                boolean isSuperseded = deferrals.get(displaced.key()) != null;
                if (!isSuperseded
                        && targets.of(displaced.change()) instanceof Target.Ready ready
                        && ready.guarded() != null
                        && unique.mayHaveRoom(ready.guarded(), displaced, copying)) {
                    isOneWritten |= comesBack(ready.guarded(), displaced);
                }
            }
            isAnyWritten |= isOneWritten;
        }
        unique.journal();
        return isAnyWritten;
    }

    /** False if others are writing what is in the way: it is tried again later. */
    private boolean comesBack(GuardedStatements table, PendingChange displaced)
            throws SQLException, PartFailedException {
        Savepoint before = connection.setSavepoint();
        try {
            quarantine.removeDisplaced(connection, displaced.key());
            writeOne(table, new Wanted(displaced, Map.of(), null, true));
            connection.releaseSavepoint(before);
            return true;
        } catch (SQLException e) {
            if (!Faults.isContention(e)) {
                throw e;
            }
            connection.rollback(before);
            quarantine.load(connection);
            return false;
        }
    }

    /** Some at a time, those first that come first. */
    private List<PendingChange> nextDisplaced() {
        List<PendingChange> all = quarantine.displaced();
        List<PendingChange> next = new ArrayList<>();
        for (int i = 0; i < Math.min(all.size(), DISPLACED_AT_ONCE); i++) {
            next.add(all.get((firstDisplaced + i) % all.size()));
        }
        firstDisplaced = all.size() <= DISPLACED_AT_ONCE ? 0 : (firstDisplaced + DISPLACED_AT_ONCE) % all.size();
        next.sort(Comparator.comparing(PendingChange::claim, Comparator.nullsLast(Comparator.naturalOrder())));
        return next;
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
        unique.written(table, outcome.written().stream().map(Wanted::merge).toList());
        for (Wanted written : outcome.written()) {
            deferrals.remove(written.merge().key());
            shown.written(written.merge());
        }
        for (Unwritten unwritten : outcome.deferred()) {
            unique.waitsForOthersNoLonger(table, unwritten.wanted().merge());
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
            shown.unwritten(wanted.merge());
            Deferred before = deferrals.get(wanted.merge().key());
            if (before == null) {
                tally.deferred(RecordKey.decode(wanted.merge().key()).table());
            }
            deferrals.put(new Deferred(
                    wanted.merge(),
                    lookedAt,
                    one.version(),
                    before == null ? wanted.holdsBack() : Deferred.join(before.holdsBack(), wanted.holdsBack()),
                    before == null ? clock.millis() : before.sinceMillis()));
        }
    }
}
