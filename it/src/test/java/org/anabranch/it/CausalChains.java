package org.anabranch.it;

import java.sql.SQLException;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Hands rows from region to region: each writes a row only when it reads there what the last one wrote, so that the last write
 * of all has to stay.
 */
final class CausalChains implements Runnable {

    private static final int HOPS = 4;
    private static final long PAUSE_NANOS = 20_000_000;

    private final String pipeline;
    private final Random random;
    private final AtomicBoolean writing;

    /** The last hop of each row that was acknowledged. A later one was begun only if the row is the last. */
    final Map<Integer, Integer> acknowledged = new ConcurrentHashMap<>();

    volatile Exception failure;

    CausalChains(String pipeline, long seed, AtomicBoolean writing) {
        this.pipeline = pipeline;
        this.random = new Random(seed);
        this.writing = writing;
    }

    @Override
    public void run() {
        for (int id = 0; writing.get(); id++) {
            int place = random.nextInt(Pipelines.PLACES.size());
            for (int hop = 0; hop <= HOPS && writing.get(); hop++) {
                if (!write(Pipelines.PLACES.get(place), id, hop)) {
                    return;
                }
                place = (place + 1 + random.nextInt(2)) % Pipelines.PLACES.size();
            }
        }
    }

    /** Again and again where the outcome is unknown; false if the writing ended. */
    private boolean write(String place, int id, int hop) {
        String sql = hop == 0
                ? "INSERT INTO chains VALUES (" + id + ", 0) ON CONFLICT DO NOTHING"
                : "UPDATE chains SET hop = " + hop + " WHERE id = " + id;
        while (writing.get()) {
            try {
                if (hop == 0 || String.valueOf(hop - 1).equals(hop(place, id))) {
                    Tables.execute(pipeline, place, sql);
                    acknowledged.put(id, hop);
                    return true;
                }
                if (String.valueOf(hop).equals(hop(place, id))) { // it was written after all
                    acknowledged.put(id, hop);
                    return true;
                }
            } catch (SQLException e) {
                String state = String.valueOf(e.getSQLState());
                if (!state.matches("(08|57|40|55).*")) {
                    failure = e;
                }
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return false;
    }

    private String hop(String place, int id) throws SQLException {
        return Tables.value(pipeline, place, "SELECT hop FROM chains WHERE id = " + id);
    }
}
