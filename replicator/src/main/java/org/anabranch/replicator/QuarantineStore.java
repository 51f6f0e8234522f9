package org.anabranch.replicator;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.anabranch.schemas.Bundle;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.RecordKey;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.anabranch.schemas.UnreadableRecordException;
import org.jspecify.annotations.Nullable;

/** A region's quarantine for people: reads it, and leaves requests there that its applier carries out. */
public final class QuarantineStore {

    private static final String SELECT = """
            SELECT id, table_schema, table_name, key_text, operation, origin, hybrid_time,
                (extract(epoch FROM quarantined_at) * 1000000)::bigint, error, asked, key, change
            FROM anabranch.quarantine""";

    private static final int ROWS_AT_ONCE = 500;

    private QuarantineStore() {}

    /** What can be asked of the applier. */
    public enum Request {
        /** Try the changes of its key again, from the oldest on. */
        RETRY,
        /** Give it up, and try what waits behind it. */
        DISCARD
    }

    /**
     * A change in quarantine.
     *
     * @param id counts up in the order in which changes came; of this region only
     * @param key the row's key, values with a comma between them; empty where the record cannot be read
     * @param operation as in the stream, or DISPLACED or UNREADABLE
     * @param origin the region that wrote it; empty where the record cannot be read
     * @param committedMicros when it was written there, by its stamp; microseconds since 1970-01-01 UTC, 0 where it is not known
     * @param at when it was put here
     * @param error why
     * @param asked what the applier is asked to do with it and has not done; null for nothing
     */
    public record Entry(
            long id,
            TableName table,
            String key,
            String operation,
            String origin,
            long committedMicros,
            Instant at,
            String error,
            @Nullable String asked) {}

    /**
     * All that is known of one.
     *
     * @param before the old row by column, as far as it travelled; null for none
     * @param after the new row by column; null for none
     * @param standing the row that the table holds now, as JSON; null for none
     * @param waitsFor earlier changes of the same key that are in quarantine too
     */
    public record Detail(
            Entry entry,
            @Nullable Map<String, @Nullable String> before,
            @Nullable Map<String, @Nullable String> after,
            @Nullable String standing,
            List<Long> waitsFor) {}

    /**
     * What became of a request.
     *
     * @param isGone whether the change is no longer in quarantine
     * @param isAnswered whether the applier has looked at it since
     * @param answer why it is still there; null if the applier has not said
     */
    public record Outcome(
            boolean isGone, boolean isAnswered, @Nullable String answer) {}

    /**
     * The oldest first. Blocks while the server answers, for a bounded time.
     *
     * @param since when they were put there at the earliest
     * @param max how many at most
     * @return empty where no applier of this version has made the table yet
     * @throws IOException if the database cannot be asked; the message says why
     */
    public static Optional<List<Entry>> list(
            DatabaseSettings database, Predicate<TableName> tables, Instant since, int max) throws IOException {
        return in(database, connection -> {
            if (!isThere(connection)) {
                return Optional.empty();
            }
            List<Entry> found = new ArrayList<>();
            String sql = SELECT
                    + " WHERE quarantined_at >= 'epoch'::timestamptz + ? * '1 microsecond'::interval ORDER BY id";
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setFetchSize(ROWS_AT_ONCE);
                statement.setLong(1, ChronoUnit.MICROS.between(Instant.EPOCH, since));
                try (ResultSet row = statement.executeQuery()) {
                    while (found.size() < max && row.next()) {
                        Entry entry = entry(row);
                        if (tables.test(entry.table())) {
                            found.add(entry);
                        }
                    }
                }
            }
            return Optional.of(found);
        });
    }

    /**
     * One of them; empty if it is not there. Reads the table's schema from the region's Kafka; where that does not answer, values
     * have numbers instead of names.
     *
     * @throws IOException if the database cannot be asked
     */
    public static Optional<Detail> show(ApplierSettings settings, long id) throws IOException {
        return in(settings.database(), connection -> {
            if (!isThere(connection)) {
                return Optional.empty();
            }
            try (PreparedStatement statement = connection.prepareStatement(SELECT + " WHERE id = ?")) {
                statement.setLong(1, id);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next()
                            ? Optional.of(detail(connection, settings, entry(row), row.getBytes(11), row.getBytes(12)))
                            : Optional.empty();
                }
            }
        });
    }

    private static Detail detail(
            Connection connection, ApplierSettings settings, Entry entry, byte[] key, byte[] encoded)
            throws SQLException {
        RecordCodec codec = new RecordCodec();
        List<Long> waitsFor = waitsFor(connection, entry.id(), key);
        try (SchemaStore schemas =
                new SchemaStore(settings.region(), settings.origins(), settings.kafka(), "quarantine", codec)) {
            schemas.refresh();
            Bundle bundle = (Bundle) codec.decode(encoded);
            Change change = bundle.changes().getFirst().change();
            TableSchema schema = schemas.schema(change.tableFingerprint());
            return new Detail(
                    entry,
                    columns(schema, change.before()),
                    columns(schema, change.after()),
                    schema == null ? null : standing(connection, schema, key),
                    waitsFor);
        } catch (UnreadableRecordException | ClassCastException | org.apache.kafka.common.KafkaException e) {
            return new Detail(entry, null, null, null, waitsFor); // what it was is in the error
        }
    }

    private static @Nullable Map<String, @Nullable String> columns(@Nullable TableSchema schema, @Nullable Row row) {
        if (row == null) {
            return null;
        }
        Map<String, @Nullable String> columns = new LinkedHashMap<>();
        for (int i = 0; i < row.size(); i++) {
            if (!row.isUnchanged(i)) {
                columns.put(
                        schema != null && i < schema.columns().size()
                                ? schema.columns().get(i).name()
                                : "column " + (i + 1),
                        row.text(i));
            }
        }
        return columns;
    }

    /** Null also where the table or a key column is not there, or the key is none of the column's type. */
    private static @Nullable String standing(Connection connection, TableSchema schema, byte[] key)
            throws SQLException {
        List<String> values = RecordKey.decode(key).values();
        List<String> conditions = schema.key().stream()
                .map(column -> TableName.quote(column) + " = ?::"
                        + schema.columns().get(schema.indexOf(column)).type())
                .toList();
        if (values.size() != conditions.size()) {
            return null;
        }
        String sql = "SELECT to_jsonb(t)::text FROM " + schema.name().quoted() + " t WHERE "
                + String.join(" AND ", conditions);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.size(); i++) {
                statement.setString(i + 1, values.get(i));
            }
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        } catch (SQLException e) {
            if (Faults.mayHeal(e)) {
                throw e;
            }
            return null;
        }
    }

    private static List<Long> waitsFor(Connection connection, long id, byte[] key) throws SQLException {
        List<Long> earlier = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id FROM anabranch.quarantine WHERE key = ? AND id < ? ORDER BY id LIMIT 20")) {
            statement.setBytes(1, key);
            statement.setLong(2, id);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    earlier.add(rows.getLong(1));
                }
            }
        }
        return earlier;
    }

    /**
     * Leaves a request; the applier takes it up within about a second, or when it runs again. May be repeated.
     *
     * @throws IOException if the database cannot be asked
     */
    public static void ask(DatabaseSettings database, Collection<Long> ids, Request request) throws IOException {
        in(database, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "UPDATE anabranch.quarantine SET asked = ?, asked_at = now(), answer = NULL WHERE id = ANY (?)")) {
                statement.setString(1, request.name().toLowerCase(Locale.ROOT));
                statement.setArray(2, connection.createArrayOf("bigint", ids.toArray()));
                return statement.executeUpdate();
            }
        });
    }

    /**
     * What has become of requests by now, by id.
     *
     * @throws IOException if the database cannot be asked
     */
    public static Map<Long, Outcome> outcomes(DatabaseSettings database, Collection<Long> ids) throws IOException {
        return in(database, connection -> {
            Map<Long, Outcome> outcomes = new LinkedHashMap<>();
            ids.forEach(id -> outcomes.put(id, new Outcome(true, true, null)));
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT id, asked IS NULL, answer FROM anabranch.quarantine WHERE id = ANY (?)")) {
                statement.setArray(1, connection.createArrayOf("bigint", ids.toArray()));
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        outcomes.put(row.getLong(1), new Outcome(false, row.getBoolean(2), row.getString(3)));
                    }
                }
            }
            return outcomes;
        });
    }

    @FunctionalInterface
    private interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    private static <T> T in(DatabaseSettings database, Work<T> work) throws IOException {
        try (Connection connection = ApplierSession.connect(database, "anabranch quarantine")) {
            connection.setAutoCommit(false); // so that rows come some at a time
            T result = work.in(connection);
            connection.commit();
            return result;
        } catch (SQLException e) {
            throw new IOException(Faults.message(e), e);
        }
    }

    private static boolean isThere(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT FROM pg_attribute"
                        + " WHERE attrelid = to_regclass('anabranch.quarantine') AND attname = 'asked')")) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static Entry entry(ResultSet row) throws SQLException {
        return new Entry(
                row.getLong(1),
                new TableName(row.getString(2), row.getString(3)),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getLong(7),
                Instant.EPOCH.plus(row.getLong(8), ChronoUnit.MICROS),
                row.getString(9),
                row.getString(10));
    }
}
