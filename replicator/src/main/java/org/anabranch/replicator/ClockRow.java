package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.Map;
import org.anabranch.conflict.Stamp;
import org.anabranch.schemas.Seen;
import org.jspecify.annotations.Nullable;

/**
 * The row of {@code anabranch.clock}, in which the applier says what the region's clients can see. It is written on a connection of
 * its own, without a replication origin: capture has to see it. Each write is a transaction that does not wait for the disk:
 * whatever is committed after it stands behind it in the WAL. Where the region writes nothing together with others, nothing is said.
 */
final class ClockRow implements AutoCloseable {

    /** So often it is said at least what the region holds, where nothing else is to be said. */
    private static final long SAY_MILLIS = 500;

    private final Shown shown;
    private final InstantSource clock;
    private final @Nullable Connection connection;
    private long saidAtMillis;

    ClockRow(ApplierSettings settings, Shown shown, InstantSource clock) throws SQLException {
        this.shown = shown;
        this.clock = clock;
        connection = settings.mergesItsOwn() ? open(settings) : null;
    }

    private static Connection open(ApplierSettings settings) throws SQLException {
        Connection opened = ApplierSession.connect(settings.database(), "anabranch clock " + settings.region());
        try (Statement statement = opened.createStatement()) {
            statement.execute("SET synchronous_commit = off");
        }
        return opened;
    }

    /** Last before the commit: who writes after having seen the rows commits after this. */
    void beforeCommit(Progress reached) throws SQLException {
        boolean isLong = clock.millis() - saidAtMillis >= SAY_MILLIS;
        if (shown.isNews() || isLong && shown.holdsMoreThanWasSaid()) {
            say(shown.seen(reached));
        }
    }

    /** At once, where the commit shows rows of which nothing could be said before it. */
    void afterCommit(Progress reached, Map<String, Stamp> holdsBack) throws SQLException {
        boolean isMoreToBeSaid = shown.leavesRowsOut();
        shown.committed(reached, holdsBack);
        if (isMoreToBeSaid) {
            say(shown.seen());
        }
    }

    private void say(Seen seen) throws SQLException {
        if (connection == null) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(Seen.WRITE)) {
            statement.setString(1, seen.text());
            statement.executeUpdate();
        }
        shown.said(seen);
        saidAtMillis = clock.millis();
    }

    @Override
    public void close() throws SQLException {
        if (connection != null) {
            connection.close();
        }
    }
}
