package org.anabranch.capture;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.anabranch.schemas.PartFailedException;
import org.jspecify.annotations.Nullable;

/** The slot through which PostgreSQL keeps its WAL for us. Capture alone creates it and moves it. */
final class ReplicationSlot {

    /**
     * What PostgreSQL says of it.
     *
     * @param confirmedPosition the end of the newest transaction that will not be sent again
     * @param walStatus reserved, extended, unreserved, or lost
     * @param activePid the server process that reads from it, or null
     */
    record State(
            long confirmedPosition,
            String walStatus,
            @Nullable Integer activePid) {}

    private final Connection connection;
    private final String name;

    ReplicationSlot(Connection connection, String name) {
        this.connection = connection;
        this.name = name;
    }

    Optional<State> state() throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("""
                SELECT confirmed_flush_lsn::text, coalesce(wal_status, ''), active_pid
                FROM pg_catalog.pg_replication_slots WHERE slot_name = ?""")) {
            query.setString(1, name);
            try (ResultSet rows = query.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                String confirmed = rows.getString(1);
                return Optional.of(new State(
                        confirmed == null ? 0 : Position.parse(confirmed),
                        rows.getString(2),
                        rows.getObject(3, Integer.class)));
            }
        }
    }

    /** Creates it. Everything that commits from now on can be read through it. */
    long create() throws SQLException {
        try (PreparedStatement call = connection.prepareStatement(
                "SELECT lsn::text FROM pg_catalog.pg_create_logical_replication_slot(?, 'pgoutput')")) {
            call.setString(1, name);
            try (ResultSet rows = call.executeQuery()) {
                rows.next();
                return Position.parse(rows.getString(1));
            }
        }
    }

    /** Moves it on to a position that is safe in Kafka: after a crash PostgreSQL may have forgotten our last word. */
    void advance(long walPosition) throws SQLException {
        try (PreparedStatement call =
                connection.prepareStatement("SELECT pg_catalog.pg_replication_slot_advance(?, ?::pg_catalog.pg_lsn)")) {
            call.setString(1, name);
            call.setString(2, Position.text(walPosition));
            call.execute();
        }
    }

    /**
     * Makes sure that reading through the slot goes on exactly where Kafka's copy of the changes ends.
     *
     * @param stored what the positions topic says; none before the first start
     * @param topicIsEmpty whether the changes topic never had a record
     * @return where reading begins
     * @throws PartFailedException where changes may be missing between the two; the message names the range
     */
    Position resumeAt(Optional<Position> stored, boolean topicIsEmpty) throws SQLException, PartFailedException {
        Optional<State> state = state();
        if (state.isEmpty()) {
            if (stored.isPresent()) {
                throw gap("the slot " + name + " is gone", stored.get().walPosition(), null);
            }
            return new Position(create(), 0);
        }
        long confirmed = state.get().confirmedPosition();
        if (state.get().walStatus().equals("lost")) {
            throw gap("PostgreSQL has removed WAL that the slot " + name + " still needed", confirmed, null);
        }
        if (stored.isEmpty()) {
            if (!topicIsEmpty) {
                throw gap("the positions topic is empty though the changes topic is not", 0, confirmed);
            }
            return new Position(confirmed, 0);
        }
        Position position = stored.get();
        if (confirmed > position.walPosition()) {
            throw gap(
                    "the slot " + name
                            + " is further on than what Kafka has acknowledged; it was recreated, or moved by"
                            + " someone else, or the broker lost data",
                    position.walPosition(),
                    confirmed);
        }
        if (confirmed < position.walPosition()) {
            advance(position.walPosition());
        }
        return position;
    }

    private static PartFailedException gap(String what, long from, @Nullable Long to) {
        return new PartFailedException(what + ": changes from WAL position " + Position.text(from) + " to "
                + (to == null ? "now" : Position.text(to))
                + " may be missing; the tables have to be copied again from the start");
    }
}
