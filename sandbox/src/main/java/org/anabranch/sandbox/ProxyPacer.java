package org.anabranch.sandbox;

/** Shares out the bytes that pass in one direction of a line with a limit. */
final class ProxyPacer {
    /** A slower line passes smaller pieces, so that bytes arrive evenly. */
    private static final int PIECES_PER_SECOND = 20;

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private long freeNanos = System.nanoTime();

    static int pieceBytes(long bytesPerSecond, int wanted) {
        return bytesPerSecond == 0 ? wanted : Math.clamp(bytesPerSecond / PIECES_PER_SECOND, 1, wanted);
    }

    /** When so many bytes, the next in line, will have passed. */
    synchronized long reserve(long bytesPerSecond, int bytes) {
        long now = System.nanoTime();
        long begin = freeNanos - now > 0 ? freeNanos : now;
        freeNanos = begin + bytes * NANOS_PER_SECOND / bytesPerSecond;
        return freeNanos;
    }
}
