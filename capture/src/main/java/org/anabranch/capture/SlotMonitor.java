package org.anabranch.capture;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.anabranch.schemas.RegionStatus.SlotStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a capture's slot from outside, so that it is seen too while capture does not run: how much WAL it keeps, and how much
 * may still be written before PostgreSQL gives it up. {@link #look} by one thread; the rest by any.
 */
public final class SlotMonitor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SlotMonitor.class);

    private static final int ANSWER_MILLIS_MAX = 5_000;

    private static final String QUERY = """
            SELECT active, coalesce(wal_status, 'lost'),
                coalesce(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn), 0)::bigint, safe_wal_size
            FROM pg_catalog.pg_replication_slots WHERE slot_name = ?""";

    private final CaptureSettings settings;
    private @Nullable Connection connection;
    private volatile @Nullable SlotStatus status;

    public SlotMonitor(CaptureSettings settings) {
        this.settings = settings;
    }

    /** Asks PostgreSQL. Blocks for a bounded time. Where it does not answer, what it said last stands. */
    public void look() {
        try {
            if (connection == null) {
                connection = Sessions.open(settings.database(), "anabranch slot monitor");
                connection.setNetworkTimeout(Runnable::run, ANSWER_MILLIS_MAX);
            }
            status = read(connection);
        } catch (SQLException e) {
            LOG.debug("The slot cannot be looked at region={} error={}", settings.region(), e.getMessage());
            close();
        }
    }

    private SlotStatus read(Connection open) throws SQLException {
        try (PreparedStatement query = open.prepareStatement(QUERY)) {
            query.setString(1, settings.slotName());
            try (ResultSet rows = query.executeQuery()) {
                return rows.next()
                        ? new SlotStatus(
                                settings.slotName(),
                                rows.getBoolean(1),
                                rows.getString(2),
                                rows.getLong(3),
                                rows.getObject(4, Long.class))
                        : new SlotStatus(settings.slotName(), false, "missing", 0, null);
            }
        }
    }

    /** What PostgreSQL said last; empty before it said anything. Does not block. */
    public Optional<SlotStatus> status() {
        return Optional.ofNullable(status);
    }

    /** It may look again afterwards. */
    @Override
    public void close() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            LOG.debug("Closing failed region={}", settings.region(), e);
        }
        connection = null;
    }
}
