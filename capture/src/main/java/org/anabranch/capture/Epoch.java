package org.anabranch.capture;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The records between two transaction boundaries at which an epoch was closed, and how many of them Kafka has not yet
 * acknowledged. Sends are counted by the engine's thread, acknowledgements by the producer's.
 */
final class Epoch {

    /** Counts one for the epoch being open, so that it never looks complete before it is closed. */
    private final AtomicInteger awaited = new AtomicInteger(1);

    private final List<Runnable> whenAcknowledged = new ArrayList<>();
    private @Nullable Position end;

    void sent() {
        awaited.incrementAndGet();
    }

    void acknowledged() {
        awaited.decrementAndGet();
    }

    /** Has an action run by the engine's thread once everything up to this epoch's end is acknowledged. */
    void whenAcknowledged(Runnable action) {
        whenAcknowledged.add(action);
    }

    void close(Position position) {
        end = position;
        awaited.decrementAndGet();
    }

    boolean isComplete() {
        return awaited.get() == 0;
    }

    /** Where it ends. Only for an epoch that is closed. */
    Position end() {
        if (end == null) {
            throw new IllegalStateException("the epoch is open");
        }
        return end;
    }

    List<Runnable> actions() {
        return whenAcknowledged;
    }
}
