package org.anabranch.sandbox.demo;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;

/**
 * All that the view shows, at one moment.
 *
 * @param workload whether the demo writes by itself
 * @param transactionsPerSecond that the workload commits in the hub
 * @param rowsPerSecond that it writes there
 * @param contested of the tables that all regions write
 * @param trouble what the demo itself has to say, empty if nothing
 */
record Snapshot(
        Instant now,
        Duration up,
        long seed,
        boolean workload,
        double transactionsPerSecond,
        double rowsPerSecond,
        ContestedTables contested,
        String trouble,
        HubLine hub,
        List<SpokeLine> spokes) {

    Snapshot {
        spokes = List.copyOf(spokes);
    }

    /**
     * @param transactionsPerSecond that the workload commits there in all regions together
     * @param conflictsPerSecond that the journal takes in
     */
    record ContestedTables(double transactionsPerSecond, double conflictsPerSecond) {}

    /**
     * @param state of the part that is worst off
     * @param detail what that part says, empty if it runs
     */
    record HubLine(String name, String state, String detail) {}

    /**
     * @param lagMillis -1 before the first epoch
     * @param verdict OK, COPYING or BREACH
     * @param visibleMillis median from commit in the hub to visible here
     * @param replicatedUntilMicros since 1970, 0 before the first epoch
     * @param lagsMillis the last ones, the oldest first; -1 where there was none
     */
    record SpokeLine(
            String name,
            String state,
            String detail,
            long lagMillis,
            long rpoMillis,
            String verdict,
            double rowsPerSecond,
            OptionalDouble visibleMillis,
            long replicatedUntilMicros,
            List<Long> lagsMillis) {
        SpokeLine {
            lagsMillis = List.copyOf(lagsMillis);
        }
    }
}
