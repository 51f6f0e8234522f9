package org.anabranch.conflict.simulation;

import org.jspecify.annotations.Nullable;

/**
 * A row of a table with several writers, in a region's database, with local transactions that write it and the applier that writes
 * answers to it: the simulation's, or the real ones. A row's value of null is no row.
 */
public interface GuardedRow {

    @Nullable
    String value();

    /** In a transaction of its own. */
    void writeLocally(@Nullable String value);

    /** In a transaction that stays open: neither the applier nor {@link #value} sees it before {@link #commit}. */
    void beginToWrite(@Nullable String value);

    void commit();

    void rollBack();

    /** Of the last local transaction that wrote the row; 0 for none. */
    long commitMicros();

    /** As ALTER TABLE does: a transaction has written every row anew, and nothing of it stands in what capture reads. */
    void rewriteTable();

    /** As VACUUM FULL and CLUSTER do: every row is somewhere else, and still written by who wrote it. */
    void moveRows();

    /** Gives the applier an answer; gives whether the row is as wanted, and nothing is deferred. Waits for no open transaction. */
    boolean apply(@Nullable String value, long seenMicros, boolean mayBeDeletedUnseen);

    /** All that the region has written by now has come by, and no answer with it. Gives whether nothing is deferred any more. */
    boolean lookAgain();
}
