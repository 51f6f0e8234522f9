package org.anabranch.sandbox.demo;

import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the workload to the hub at a steady pace, on a thread of its own. When the hub is away, it comes back by itself. */
final class WorkloadRunner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WorkloadRunner.class);

    private static final long INTERVAL_NANOS = 10_000_000;
    private static final long PAUSE_AFTER_FAILURE_NANOS = 1_000_000_000;

    /** What was missed while the hub stood still is not made up for beyond this. */
    private static final long BEHIND_NANOS_MAX = 500_000_000;

    private final String jdbcUrl;
    private final long seed;
    private final AtomicLong transactions = new AtomicLong();
    private final AtomicLong rows = new AtomicLong();
    private final Thread thread;
    private volatile boolean ending;
    private volatile String trouble = "";

    WorkloadRunner(String jdbcUrl, long seed) {
        this.jdbcUrl = jdbcUrl;
        this.seed = seed;
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
            try (ShopWriter writer = new ShopWriter(jdbcUrl)) {
                Workload workload =
                        new Workload(seed + transactions.get(), writer.customers(), writer.products(), writer.orders());
                write(writer, workload);
            } catch (SQLException | IllegalArgumentException e) {
                if (!ending) {
                    trouble = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
                    LOG.atWarn().addKeyValue("error", trouble).log("the workload pauses");
                    LockSupport.parkNanos(PAUSE_AFTER_FAILURE_NANOS);
                }
            }
        }
    }

    private void write(ShopWriter writer, Workload workload) throws SQLException {
        long due = System.nanoTime();
        while (!ending) {
            rows.addAndGet(writer.write(workload.next()));
            transactions.incrementAndGet();
            trouble = "";
            due = Math.max(due + INTERVAL_NANOS, System.nanoTime() - BEHIND_NANOS_MAX);
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
