package org.anabranch.sandbox;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What is wrong with a line at the moment. */
final class ProxyFaults {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ProxyPacer pacerThere = new ProxyPacer();
    private final ProxyPacer pacerBack = new ProxyPacer();
    private boolean blackHole;
    private long delayNanos;
    private long bytesPerSecond;
    private long changes;

    void blackHole(boolean on) {
        change(() -> blackHole = on);
    }

    void delay(Duration each) {
        if (each.isNegative()) {
            throw new IllegalArgumentException("Delay " + each + " is negative: use zero or more");
        }
        change(() -> delayNanos = each.toNanos());
    }

    void throttle(long limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("Limit of " + limit + " bytes a second: use more than 0, or 0 for none");
        }
        change(() -> bytesPerSecond = limit);
    }

    void heal() {
        change(() -> {
            blackHole = false;
            delayNanos = 0;
            bytesPerSecond = 0;
        });
    }

    /** Shared by all connections of the line, from client to target. */
    ProxyPacer pacerThere() {
        return pacerThere;
    }

    /** Shared by all connections of the line, from target to client. */
    ProxyPacer pacerBack() {
        return pacerBack;
    }

    /** 0: no limit. */
    long bytesPerSecond() {
        lock.lock();
        try {
            return bytesPerSecond;
        } finally {
            lock.unlock();
        }
    }

    /** Blocks while nothing passes. */
    void awaitPassage() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (blackHole) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until what was read at this time may arrive; at once when the delay is taken back. */
    void awaitArrival(long readNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = readNanos + delayNanos - System.nanoTime();
            while (blackHole || left > 0) {
                if (blackHole) {
                    changed.await();
                } else {
                    changed.awaitNanos(left);
                }
                left = readNanos + delayNanos - System.nanoTime();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until this time, or until anything changes. */
    void awaitTurn(long untilNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long before = changes;
            long left = untilNanos - System.nanoTime();
            while (left > 0 && before == changes) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changes++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
