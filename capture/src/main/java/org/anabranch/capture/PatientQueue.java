package org.anabranch.capture;

import io.debezium.connector.base.DefaultQueueProvider;
import io.debezium.pipeline.Sizeable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What Debezium keeps events in between its reading thread and ours. Who polls there waits for whole milliseconds, and spends what is
 * left of the last one asking for the queue's size, without a pause and holding the queue's lock: a tenth of a core, and more, for a
 * capture that has nothing to do. So whoever asks too often is made to wait here.
 *
 * <p>Debezium finds it by its name ({@code queue.provider.type}).
 */
public final class PatientQueue<T extends Sizeable> extends DefaultQueueProvider<T> {

    static final String NAME = "patient";

    /** Before it waits, and after each wait, a poll looks so often. */
    private static final int LOOKS_AT_ONCE = 2;

    private static final long WAIT_NANOS = 500_000;

    private volatile @Nullable Thread writing;
    private volatile int looks;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void enqueue(T event) throws InterruptedException {
        writing = Thread.currentThread();
        looks = 0;
        super.enqueue(event);
    }

    /** Also asked by who is about to add something: that never waits. */
    @Override
    public int size() {
        int size = super.size();
        Thread writer = writing;
        if (size == 0 && writer != null && !writer.equals(Thread.currentThread())) {
            look();
        }
        return size;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only a hint: one thread polls, and who reads metrics may get between
    private void look() {
        looks++;
        if (looks > LOOKS_AT_ONCE) {
            looks = 0;
            LockSupport.parkNanos(WAIT_NANOS);
        }
    }
}
