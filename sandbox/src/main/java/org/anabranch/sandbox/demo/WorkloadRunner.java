package org.anabranch.sandbox.demo;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a workload to a region at a steady pace, on a thread of its own. When the region is away, it comes back by itself. */
final class WorkloadRunner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WorkloadRunner.class);

    private static final long PAUSE_AFTER_FAILURE_NANOS = 1_000_000_000;

    /** What was missed while the region stood still is not made up for beyond this. */
    private static final long BEHIND_NANOS_MAX = 500_000_000;

    private final String jdbcUrl;
    private final long seed;
    private final long intervalNanos;
    private final WritingSession.Opening opening;
    private final AtomicLong transactions = new AtomicLong();
    private final AtomicLong rows = new AtomicLong();
    private final Thread thread;
    private volatile boolean ending;
    private volatile String trouble = "";

    WorkloadRunner(String jdbcUrl, long seed, Duration interval, WritingSession.Opening opening) {
        this.jdbcUrl = jdbcUrl;
        this.seed = seed;
        this.intervalNanos = interval.toNanos();
        this.opening = opening;
        this.thread = Thread.ofPlatform().name("demo workload").daemon().unstarted(this::keepWriting);
    }

    void start() {
        thread.start();
    }

    /** Committed since the start. */
    long transactions() {
        return transactions.get();
    }

    /** Written by these transactions. */
    long rows() {
        return rows.get();
    }

    /** Why nothing is written at the moment; empty if it is. */
    String trouble() {
        return trouble;
    }

    private void keepWriting() {
        while (!ending) {
            try (WritingSession session = opening.open(jdbcUrl, seed + transactions.get())) {
                write(session);
            } catch (SQLException | IllegalArgumentException e) {
                if (!ending) {
                    trouble = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
                    LOG.atWarn().addKeyValue("error", trouble).log("the workload pauses");
                    LockSupport.parkNanos(PAUSE_AFTER_FAILURE_NANOS);
                }
            }
        }
    }

    private void write(WritingSession session) throws SQLException {
        long due = System.nanoTime();
        while (!ending) {
            rows.addAndGet(session.write());
            transactions.incrementAndGet();
            trouble = "";
            due = Math.max(due + intervalNanos, System.nanoTime() - BEHIND_NANOS_MAX);
            while (!ending && System.nanoTime() - due < 0) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
        }
    }

    /** Ends it with the transaction that is under way. */
    @Override
    public void close() {
        ending = true;
        Threads.awaitEnd(thread);
    }
}
