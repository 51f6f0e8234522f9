package org.anabranch.capture;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.anabranch.schemas.TableName;

/**
 * Where the first copy meets the stream. The reader ({@link CopyReader}) writes a watermark, reads a chunk, and writes the
 * next watermark; here the stream's thread sees the watermarks among the changes, and at the one that ends a chunk takes the
 * chunk's rows, but for those that changed in between: what it emits is newer than every change before it and as new as the
 * watermark. After Andreakis and Papapanagiotou, "DBLog" (2020).
 *
 * <p>One case DBLog does not have: a transaction whose commit is in the WAL before the chunk's first watermark, and which the
 * chunk's snapshot still saw as running (it waited for a standby, say). Its changes went by before the chunk, and the
 * chunk's rows are older. Snapshots name the transactions that they see as running, so that is noticed, and the chunk is read
 * again.
 */
final class FirstCopy {

    /** Chunks that are read and not yet emitted: bounds the memory. */
    static final int CHUNKS_AHEAD_MAX = 3;

    /** Transactions that are remembered to be found among a snapshot's running ones. */
    private static final int TRANSACTIONS_REMEMBERED_MAX = 200_000;

    /**
     * Rows that were read between two watermarks.
     *
     * @param number counts the chunks of this run, from 0
     * @param table the table
     * @param rows its rows with their keys, none with holes
     * @param end how far the table is copied once these rows are acknowledged
     * @param running ids (without epoch) of the transactions that the snapshot saw as running
     * @param isLast whether no table has anything left after it
     */
    record Chunk(
            long number,
            CapturedTable table,
            List<TableReader.KeyedRow> rows,
            CopyPosition end,
            Set<Long> running,
            boolean isLast) {}

    private final String runId;
    private final Semaphore ahead = new Semaphore(CHUNKS_AHEAD_MAX);
    private final Map<Long, Chunk> read = new ConcurrentHashMap<>();
    private final Set<ByteBuffer> changedInWindow = new HashSet<>();
    private final Set<TableName> truncatedInWindow = new HashSet<>();
    private final Map<Long, Long> windowOfTransaction = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
            return size() > TRANSACTIONS_REMEMBERED_MAX;
        }
    };
    private long window = -1;
    private volatile boolean allEmitted;

    /** @param runId tells this run's watermarks from those that an earlier one left in the WAL */
    FirstCopy(String runId) {
        this.runId = runId;
    }

    /** The token of the watermark that ends chunk number - 1 and begins chunk number. */
    String token(long number) {
        return runId + ":" + number;
    }

    /** The reader's: waits until a chunk may be read. */
    void awaitRoom() throws InterruptedException {
        ahead.acquire();
    }

    /** The reader's: a chunk is ready. To be called before its second watermark is written. */
    void offer(Chunk chunk) {
        read.put(chunk.number(), chunk);
    }

    /** The reader's, where there was nothing to copy at all. */
    void nothingToCopy() {
        allEmitted = true;
    }

    /** Whether rows of a first copy are still to come. */
    boolean isCopying() {
        return !allEmitted;
    }

    /** The stream's: a transaction goes by. */
    void transaction(long id) {
        if (isCopying()) {
            windowOfTransaction.put(id, window);
        }
    }

    /** The stream's: a row's change goes by. */
    void changed(byte[] key) {
        if (isCopying()) {
            changedInWindow.add(ByteBuffer.wrap(key));
        }
    }

    /** The stream's: a whole table was emptied, whatever is read of it in this window is void. */
    void truncated(TableName table) {
        if (isCopying()) {
            truncatedInWindow.add(table);
        }
    }

    /**
     * The stream's: a watermark goes by.
     *
     * @return the chunk that it ends, if it ends one of this run
     * @throws ChunkOutdatedException if the chunk cannot be used; capture starts again and copies it anew
     */
    Optional<Chunk> watermark(String token) throws ChunkOutdatedException {
        if (!token.startsWith(runId + ":")) {
            return Optional.empty();
        }
        long number = Long.parseLong(token.substring(runId.length() + 1));
        Chunk chunk = read.remove(number - 1);
        if (chunk != null) {
            refuseOutdated(chunk);
        }
        window = number;
        return Optional.ofNullable(chunk);
    }

    private void refuseOutdated(Chunk chunk) throws ChunkOutdatedException {
        for (Long transaction : chunk.running()) {
            Long seenIn = windowOfTransaction.get(transaction);
            if (seenIn != null && seenIn < chunk.number()) {
                throw new ChunkOutdatedException(transaction);
            }
        }
    }

    /** The stream's: whether a row of the chunk that ends now is still as it was read. */
    boolean isCurrent(TableName table, byte[] key) {
        return !changedInWindow.contains(ByteBuffer.wrap(key)) && !truncatedInWindow.contains(table);
    }

    /** The stream's: the chunk is emitted, the next window begins. */
    void emitted(boolean last) {
        ahead.release();
        if (last) {
            allEmitted = true;
            windowOfTransaction.clear();
        }
    }

    /** The stream's: at every watermark, when its chunk has been dealt with. */
    void beginWindow() {
        changedInWindow.clear();
        truncatedInWindow.clear();
    }

    /** A chunk's snapshot is older than a change that went by before it. Reading it again helps. */
    static final class ChunkOutdatedException extends Exception {
        ChunkOutdatedException(long transaction) {
            super("a chunk of the first copy was read while transaction " + transaction
                    + " was committing; it is read again");
        }
    }
}
