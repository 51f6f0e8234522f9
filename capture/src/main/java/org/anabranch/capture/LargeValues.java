package org.anabranch.capture;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the memory that large values take between Debezium's reading thread and ours. Debezium's queue counts events, and
 * 16,384 rows of 10 MB are more than a heap holds; its bound in bytes measures every event by reflection, which costs more
 * than all else that it does. So {@link TextConverter}, through which each value goes on the reading thread, waits here with a
 * large one until {@link ChangeStream} has dealt with earlier ones.
 *
 * <p>Small values are not counted: a full queue of rows below the limit fits. One per run of capture, found by its id, since
 * Debezium makes the converter itself.
 */
final class LargeValues implements AutoCloseable {

    /** Values of fewer characters are not counted. */
    static final int LARGE_CHARS_MIN = 16 * 1024;

    static final long CHARS_MAX = 32L * 1024 * 1024;

    /** A reading thread that waits looks up so often, should a notification have got lost with an engine. */
    private static final long LOOK_MILLIS = 100;

    private static final Map<String, LargeValues> RUNS = new ConcurrentHashMap<>();

    private final String id = UUID.randomUUID().toString();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    private final AtomicLong chars = new AtomicLong();
    private volatile boolean closed;

    LargeValues() {
        RUNS.put(id, this);
    }

    String id() {
        return id;
    }

    /** @throws IllegalStateException if there is no such run */
    static LargeValues of(String id) {
        LargeValues found = RUNS.get(id);
        if (found == null) {
            throw new IllegalStateException("no capture runs under the id " + id);
        }
        return found;
    }

    /** The reading thread's: waits until there is room. A value larger than all the room goes through alone. */
    void admit(int length) {
        if (length < LARGE_CHARS_MIN) {
            return;
        }
        lock.lock();
        try {
            while (!closed && chars.get() > 0 && chars.get() + length > CHARS_MAX) {
                var unused = released.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            }
            chars.addAndGet(length);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the engine is ending, and sees it
        } finally {
            lock.unlock();
        }
    }

    /** Our thread's: a change's values are dealt with. */
    void release(Struct change) {
        if (chars.get() == 0) {
            return;
        }
        long length = large(change.getStruct("before")) + large(change.getStruct("after"));
        if (length > 0) {
            lock.lock();
            try {
                chars.updateAndGet(taken -> Math.max(0, taken - length));
                released.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private static long large(@Nullable Struct row) {
        if (row == null) {
            return 0;
        }
        long length = 0;
        for (Field field : row.schema().fields()) {
            if (field.schema().type() == Schema.Type.STRING
                    && row.getWithoutDefault(field.name()) instanceof String text
                    && text.length() >= LARGE_CHARS_MIN) {
                length += text.length();
            }
        }
        return length;
    }

    /** Lets everything through. */
    @Override
    public void close() {
        closed = true;
        RUNS.remove(id);
    }
}
