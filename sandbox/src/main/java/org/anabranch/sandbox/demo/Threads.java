package org.anabranch.sandbox.demo;

import java.util.concurrent.locks.LockSupport;

/** The demo's threads of its own. */
final class Threads {

    private static final long END_MILLIS_MAX = 2_000;

    private Threads() {}

    /** Wakes a thread that has been told to end, and waits for a bounded time until it has. */
    static void awaitEnd(Thread thread) {
        LockSupport.unpark(thread);
        try {
            thread.join(END_MILLIS_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
