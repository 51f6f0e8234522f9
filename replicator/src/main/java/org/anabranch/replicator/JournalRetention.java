package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Keeps the journal of conflicts within its limits, now and then and some rows at a time: applying goes first. */
final class JournalRetention {

    private static final long PAUSE_MILLIS = 60_000;

    /** While there is more to delete. */
    private static final long SHORT_PAUSE_MILLIS = 1_000;

    private static final int ROWS_AT_ONCE = 5_000;

    private static final String DELETE = """
            DELETE FROM anabranch.conflicts WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM anabranch.conflicts
                WHERE recorded_at <= greatest(
                    now() - ? * '1 millisecond'::interval,
                    (SELECT recorded_at FROM anabranch.conflicts ORDER BY recorded_at DESC OFFSET ? LIMIT 1))
                ORDER BY recorded_at LIMIT ?))""";

    private final JournalLimits limits;
    private long nextAtMillis;

    JournalRetention(JournalLimits limits) {
        this.limits = limits;
    }

    boolean isDue(long nowMillis) {
        return nowMillis >= nextAtMillis;
    }

    /** In a transaction of its own. Where others hold rows of it, another time will do. */
    void deleteSome(Connection connection, long nowMillis) throws SQLException {
        nextAtMillis = nowMillis + PAUSE_MILLIS;
        try (PreparedStatement statement = connection.prepareStatement(DELETE)) {
            statement.setLong(1, limits.keep().toMillis());
            statement.setInt(2, limits.rows());
            statement.setInt(3, ROWS_AT_ONCE);
            if (statement.executeUpdate() == ROWS_AT_ONCE) {
                nextAtMillis = nowMillis + SHORT_PAUSE_MILLIS;
            }
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            if (!Faults.isContention(e)) {
                throw e;
            }
        }
    }
}
