package org.anabranch.sandbox.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what a region's journal of conflicts takes in, on a thread of its own. All journals are the same. */
final class ConflictMeter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ConflictMeter.class);

    private static final int WINDOW_SECONDS = 5;
    private static final long INTERVAL_NANOS = 1_000_000_000;
    private static final String COUNT =
            "SELECT count(*) FROM anabranch.conflicts WHERE recorded_at > now() - interval '" + WINDOW_SECONDS
                    + " seconds'";

    private final String jdbcUrl;
    private final Thread thread;
    private volatile boolean ending;
    private volatile double perSecond;

    ConflictMeter(String jdbcUrl) {
        this.jdbcUrl = jdbcUrl;
        this.thread = Thread.ofPlatform().name("demo conflicts").daemon().unstarted(this::keepCounting);
    }

    void start() {
        thread.start();
    }

    /** Over the last seconds; 0 while the journal cannot be read. */
    double perSecond() {
        return perSecond;
    }

    private void keepCounting() {
        while (!ending) {
            try (Connection connection = ShopDatabase.connect(jdbcUrl);
                    PreparedStatement count = connection.prepareStatement(COUNT)) {
                while (!ending) {
                    perSecond = (double) count(count) / WINDOW_SECONDS;
                    LockSupport.parkNanos(INTERVAL_NANOS);
                }
            } catch (SQLException e) {
                perSecond = 0;
                LOG.atDebug().setCause(e).log("the journal of conflicts cannot be read");
                LockSupport.parkNanos(INTERVAL_NANOS);
            }
        }
    }

    private static long count(PreparedStatement count) throws SQLException {
        try (ResultSet rows = count.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Override
    public void close() {
        ending = true;
        Threads.awaitEnd(thread);
    }
}
