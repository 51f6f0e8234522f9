package org.anabranch.node.config;

/**
 * What to do with the tables that a pattern matches.
 *
 * @param pattern the tables
 * @param writers the regions that write them
 * @param existing what to do with a target table that has rows already
 * @param createTables whether a missing target table is created
 * @param onError what to do with a row that a target table refuses
 * @param position where the rule stands, for messages about it
 */
public record TableRule(
        TablePattern pattern,
        Writers writers,
        Existing existing,
        boolean createTables,
        OnError onError,
        Position position) {

    /** Of which refused rows are put aside. */
    public TableRule(
            TablePattern pattern, Writers writers, Existing existing, boolean createTables, Position position) {
        this(pattern, writers, existing, createTables, OnError.QUARANTINE, position);
    }

    public boolean isWrittenBy(String region) {
        return writers.regions().contains(region);
    }

    public boolean hasSeveralWriters() {
        return writers instanceof Writers.Several;
    }
}
