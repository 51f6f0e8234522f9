package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.anabranch.replicator.TargetTables.Target;
import org.anabranch.schemas.Bundle;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.UnreadableRecordException;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what people have asked of changes in quarantine, in the applier's transaction: only the applier may write the
 * tables. A key's changes are tried from the oldest on, whichever of them was named; the first that is refused again keeps the
 * others. Of a row with several writers only the newest answer of its resolver is tried: older ones are in it.
 */
final class QuarantineRequests {

    private static final long PAUSE_MILLIS = 500;
    private static final int KEYS_AT_ONCE = 200;
    private static final int CHANGES_AT_ONCE = 1_000;

    private static final String DISCARD = "WITH given_up AS (DELETE FROM anabranch.quarantine WHERE id IN"
            + " (SELECT id FROM anabranch.quarantine WHERE asked = 'discard' ORDER BY id LIMIT " + CHANGES_AT_ONCE
            + ") RETURNING key) SELECT key, count(*) FROM given_up GROUP BY key";

    private static final String SELECT = "SELECT id, key, operation, change FROM anabranch.quarantine WHERE key IN"
            + " (SELECT key FROM anabranch.quarantine WHERE asked = 'retry' ORDER BY id LIMIT " + KEYS_AT_ONCE
            + ") ORDER BY id LIMIT " + CHANGES_AT_ONCE;

    private static final String NEWEST =
            "SELECT id, key, operation, change FROM anabranch.quarantine WHERE key = ? ORDER BY id DESC LIMIT 1";

    private static final String OLD_ID = """
            WITH again AS (DELETE FROM anabranch.quarantine WHERE key = ? RETURNING *)
            INSERT INTO anabranch.quarantine (id, table_schema, table_name, key, key_text, operation, origin, hybrid_time,
                number, change, error)
            OVERRIDING SYSTEM VALUE
            SELECT ?, table_schema, table_name, key, key_text, operation, origin, hybrid_time, number, change, error
            FROM again RETURNING error""";

    private static final String TRUNCATED = "rows may have been written since that this TRUNCATE would take away:"
            + " compare the table with its origin's, and discard this";

    /** Gives a change's table; null if its schema is not known. */
    @FunctionalInterface
    interface KnownTargets {
        @Nullable
        Target of(long fingerprint) throws Exception;
    }

    @SuppressWarnings("ArrayRecordComponent") // compared nowhere
    private record Held(long id, byte[] key, String operation, byte[] change) {}

    /** @param isForNow whether trying again may help, so that it stays asked for */
    private record Refusal(long id, String why, boolean isForNow) {}

    private final Connection connection;
    private final Quarantine quarantine;
    private final MergeWriter merges;
    private final Shown shown;
    private final RecordCodec codec;
    private final KnownTargets targets;
    private final InstantSource clock;
    private long nextAtMillis;

    QuarantineRequests(
            Connection connection,
            Quarantine quarantine,
            MergeWriter merges,
            Shown shown,
            RecordCodec codec,
            KnownTargets targets,
            InstantSource clock) {
        this.connection = connection;
        this.quarantine = quarantine;
        this.merges = merges;
        this.shown = shown;
        this.codec = codec;
        this.targets = targets;
        this.clock = clock;
    }

    /** Whether it is time to look, and somebody has asked for anything. */
    boolean isDue() throws SQLException {
        if (quarantine.isEmpty() || clock.millis() < nextAtMillis) {
            return false;
        }
        nextAtMillis = clock.millis() + PAUSE_MILLIS;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT EXISTS (SELECT FROM anabranch.quarantine WHERE asked IS NOT NULL)")) {
            return row.next() && row.getBoolean(1);
        }
    }

    /** Gives whether anything was written, in the caller's transaction. */
    boolean take(OrphanWatch orphans) throws Exception {
        Savepoint before = connection.setSavepoint();
        quarantine.retrying(true);
        try {
            discard();
            retry(orphans);
            quarantine.load(connection);
            connection.releaseSavepoint(before);
            return true;
        } catch (SQLException e) {
            if (!Faults.isContention(e)) {
                throw e;
            }
            connection.rollback(before); // whoever asks is asking just now
            quarantine.load(connection);
            return false;
        } finally {
            quarantine.retrying(false);
        }
    }

    /** What waited behind a change that is given up is tried after it. */
    private void discard() throws SQLException {
        Map<RowKey, Integer> givenUp = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(DISCARD)) {
            while (rows.next()) {
                givenUp.put(new RowKey(rows.getBytes(1)), rows.getInt(2));
            }
        }
        for (var ofKey : givenUp.entrySet()) {
            quarantine.removed(ofKey.getKey().bytes(), ofKey.getValue());
            update(
                    "UPDATE anabranch.quarantine SET asked = 'retry', asked_at = now() WHERE key = ? AND asked IS NULL",
                    ofKey.getKey().bytes());
        }
    }

    private void retry(OrphanWatch orphans) throws Exception {
        Set<RowKey> done = new HashSet<>();
        for (Held held : select()) {
            RowKey key = new RowKey(held.key());
            if (done.contains(key)) {
                continue;
            }
            Refusal refused = tried(held, orphans, done);
            if (refused != null) {
                done.add(key);
                answer(held.key(), refused);
            }
        }
    }

    private List<Held> select() throws SQLException {
        List<Held> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(SELECT)) {
            while (rows.next()) {
                found.add(held(rows));
            }
        }
        return found;
    }

    private static Held held(ResultSet row) throws SQLException {
        return new Held(row.getLong(1), row.getBytes(2), row.getString(3), row.getBytes(4));
    }

    /** Null if it went through, or waits elsewhere now. */
    private @Nullable Refusal tried(Held held, OrphanWatch orphans, Set<RowKey> done) throws Exception {
        Change change;
        try {
            change = only(held);
        } catch (UnreadableRecordException e) {
            return refused(held, "it still cannot be read: " + Faults.message(e));
        }
        if (change == null) {
            return refused(
                    held,
                    "it can be read now, but holds more than one row, and rows may have been written since:"
                            + " write them again in their region, then discard this");
        }
        Target target = targets.of(change.tableFingerprint());
        return switch (target) {
            case null -> refused(held, "the schema of its table is in no schemas topic");
            case Target.Broken broken -> refused(held, broken.reason());
            case Target.Ready ready -> {
                PendingChange pending = new PendingChange(held.key(), change, 0, held.change().length);
                orphans.before(List.of(pending));
                Refusal refused = ready.guarded() != null
                        ? newestTried(ready, ready.guarded(), held.key(), done)
                        : plainTried(ready, held, change);
                orphans.after();
                yield refused;
            }
        };
    }

    private static Refusal refused(Held held, String why) {
        return new Refusal(held.id(), why, false);
    }

    /** Null if the record holds anything else than one change of this key. */
    private @Nullable Change only(Held held) throws UnreadableRecordException {
        return codec.decode(held.change()) instanceof Bundle bundle
                        && bundle.changes().size() == 1
                        && Arrays.equals(bundle.changes().getFirst().key(), held.key())
                ? bundle.changes().getFirst().change()
                : null;
    }

    private @Nullable Refusal plainTried(Target.Ready target, Held held, Change change) throws SQLException {
        if (change.operation() == Operation.TRUNCATE) {
            return refused(held, TRUNCATED);
        }
        if (change.operation() == Operation.MERGE) {
            return refused(held, "by the configuration its table has one writer");
        }
        if (!target.statements().fits(change)) {
            return refused(held, "it has not as many values as its table's schema has columns");
        }
        Savepoint before = connection.setSavepoint();
        try {
            BatchWriter.execute(connection, target.statements(), change);
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM anabranch.quarantine WHERE id = ?")) {
                delete.setLong(1, held.id());
                delete.executeUpdate();
            }
            connection.releaseSavepoint(before);
        } catch (SQLException e) {
            return failed(held, e, before);
        }
        quarantine.removed(held.key(), 1);
        shown.applied(change);
        return null;
    }

    /** Fails itself if the connection is gone. */
    private Refusal failed(Held held, SQLException why, Savepoint before) throws SQLException {
        connection.rollback(before);
        return new Refusal(held.id(), why.getSQLState() + ": " + Faults.message(why), Faults.mayHeal(why));
    }

    private @Nullable Refusal newestTried(Target.Ready target, GuardedStatements table, byte[] key, Set<RowKey> done)
            throws Exception {
        done.add(new RowKey(key));
        Held newest = newest(key);
        Change change = only(newest);
        if (newest.operation().equals(Quarantine.DISPLACED)) {
            return refused(
                    newest, "another row has the same unique value; this one comes back by itself when there is room");
        }
        if (change == null || change.operation() != Operation.MERGE) {
            return refused(
                    newest,
                    "a value of it cannot be merged by its column's policy: write the row again in any region, or discard it");
        }
        if (!target.statements().fits(change)) {
            return refused(newest, "it has not as many values as its table's schema has columns");
        }
        return mergeTried(table, newest, change);
    }

    private @Nullable Refusal mergeTried(GuardedStatements table, Held held, Change change)
            throws SQLException, PartFailedException {
        Savepoint before = connection.setSavepoint();
        try {
            quarantine.remove(connection, held.key());
            merges.again(table, new PendingChange(held.key(), change, 0, held.change().length));
            if (!quarantine.holds(held.key()) || quarantine.isDisplaced(held.key())) {
                connection.releaseSavepoint(before);
                return null;
            }
            Refusal refusal = refused(held, underItsOldId(held));
            connection.releaseSavepoint(before);
            return refusal;
        } catch (SQLException e) {
            Refusal refusal = failed(held, e, before);
            quarantine.load(connection);
            return refusal;
        }
    }

    private Held newest(byte[] key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(NEWEST)) {
            statement.setBytes(1, key);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return held(row);
            }
        }
    }

    /** It went in again, as a newer one of its key; gives why. */
    private String underItsOldId(Held held) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(OLD_ID)) {
            statement.setBytes(1, held.key());
            statement.setLong(2, held.id());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private void answer(byte[] key, Refusal refused) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("UPDATE anabranch.quarantine SET answer = ?"
                + (refused.isForNow() ? "" : ", asked = NULL")
                + ", error = CASE WHEN id = ? AND operation <> 'DISPLACED' THEN ? ELSE error END"
                + " WHERE key = ? AND (asked = 'retry' OR id = ?)")) {
            String why = Quarantine.storable(refused.why());
            statement.setString(1, why);
            statement.setLong(2, refused.id());
            statement.setString(3, why);
            statement.setBytes(4, key);
            statement.setLong(5, refused.id());
            statement.executeUpdate();
        }
    }

    private void update(String sql, byte[] key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setBytes(1, key);
            statement.executeUpdate();
        }
    }
}
