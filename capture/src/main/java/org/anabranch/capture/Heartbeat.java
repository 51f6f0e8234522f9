package org.anabranch.capture;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes the heartbeat row, on a thread of its own, and so is also the one that notices when PostgreSQL no longer answers
 * or nothing comes back through the slot and Kafka.
 */
final class Heartbeat {

    /** Called after every attempt. */
    interface Listener {
        /** @param failure what PostgreSQL said, or null where the row was written */
        void beaten(@Nullable SQLException failure);
    }

    private static final int ANSWER_MILLIS_MAX = 10_000;

    private final DatabaseSettings database;
    private final Duration interval;
    private final Listener listener;
    private final ServerClock serverClock;
    private final InstantSource clock;
    private final CountDownLatch stopped = new CountDownLatch(1);

    Heartbeat(
            DatabaseSettings database,
            Duration interval,
            Listener listener,
            ServerClock serverClock,
            InstantSource clock) {
        this.database = database;
        this.interval = interval;
        this.listener = listener;
        this.serverClock = serverClock;
        this.clock = clock;
    }

    void stop() {
        stopped.countDown();
    }

    /** Beats until it is stopped; a connection that fails is opened again at the next beat. */
    void run() throws InterruptedException {
        Connection connection = null;
        try {
            do {
                try {
                    if (connection == null) {
                        connection = Sessions.open(database, "anabranch heartbeat");
                        connection.setNetworkTimeout(Runnable::run, ANSWER_MILLIS_MAX);
                    }
                    // The time before it is sent: whatever was acknowledged by then stands before it in the WAL.
                    serverClock.said(
                            HeartbeatTable.write(connection, HeartbeatTable.BEAT, CaptureCount.token(clock.millis())));
                    listener.beaten(null);
                } catch (SQLException e) {
                    close(connection);
                    connection = null;
                    listener.beaten(e);
                }
            } while (!stopped.await(interval.toMillis(), TimeUnit.MILLISECONDS));
        } finally {
            close(connection);
        }
    }

    private static void close(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // It is given up either way; what broke it has been reported.
            }
        }
    }
}
