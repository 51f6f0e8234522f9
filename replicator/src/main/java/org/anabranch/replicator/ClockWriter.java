package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.anabranch.schemas.Seen;

/**
 * Writes {@code anabranch.clock}, on a connection of its own, without a replication origin: capture has to see it. Each write is a
 * transaction that does not wait for the disk: whatever is committed after it stands behind it in the WAL.
 */
final class ClockWriter implements AutoCloseable {

    private final Connection connection;

    ClockWriter(ApplierSettings settings) throws SQLException {
        connection = ApplierSession.connect(settings.database(), "anabranch clock " + settings.region());
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit = off");
        }
    }

    void write(Seen seen) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(Seen.WRITE)) {
            statement.setString(1, seen.text());
            statement.executeUpdate();
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
