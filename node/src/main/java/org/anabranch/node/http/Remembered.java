package org.anabranch.node.http;

import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A value that costs something to find, found anew at most once in a while. Thread-safe; one thread looks, others wait for it. */
final class Remembered<T> {

    interface Source<T> {
        T find() throws IOException;
    }

    private final Source<T> source;
    private final long nanos;
    private final LongSupplier nanoTime;
    private @Nullable T value;
    private long foundNanos;

    /** @param nanoTime as {@link System#nanoTime} */
    Remembered(Source<T> source, Duration interval, LongSupplier nanoTime) {
        this.source = source;
        this.nanos = interval.toNanos();
        this.nanoTime = nanoTime;
    }

    /** @throws IOException if it cannot be found now; the next call tries again */
    synchronized T value() throws IOException {
        T known = value;
        if (known == null || nanoTime.getAsLong() - foundNanos > nanos) {
            known = source.find();
            value = known;
            foundNanos = nanoTime.getAsLong();
        }
        return known;
    }
}
