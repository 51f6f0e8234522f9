package org.anabranch.replicator;

import java.util.List;
import java.util.Map;

/**
 * What an applier needs to know.
 *
 * @param pipeline names the replication origin, {@code anabranch_<pipeline>}
 * @param region the region that it applies in
 * @param origins the regions whose changes come here, the region itself among them where it writes tables with others
 * @param database the target
 * @param kafka settings for clients of the region's own cluster, bootstrap.servers at least; never printed
 * @param partitions how many partitions the resolved topic has
 * @param tables what may be done to target tables
 * @param merges which tables have several writers
 * @param journal how much of the journal of conflicts is kept
 * @param writers which regions write which table: what says of which foreign keys children may be left without parents
 */
public record ApplierSettings(
        String pipeline,
        String region,
        List<String> origins,
        DatabaseSettings database,
        Map<String, Object> kafka,
        int partitions,
        TableRules tables,
        MergeRules merges,
        JournalLimits journal,
        TableWriters writers) {

    public ApplierSettings {
        origins = List.copyOf(origins);
        kafka = Map.copyOf(kafka);
        if (partitions < 1) {
            throw new IllegalArgumentException("a resolved topic has at least one partition, not " + partitions);
        }
    }

    /** With the journal's usual limits, and without a look at foreign keys. */
    public ApplierSettings(
            String pipeline,
            String region,
            List<String> origins,
            DatabaseSettings database,
            Map<String, Object> kafka,
            int partitions,
            TableRules tables,
            MergeRules merges) {
        this(
                pipeline,
                region,
                origins,
                database,
                kafka,
                partitions,
                tables,
                merges,
                JournalLimits.DEFAULT,
                TableWriters.UNKNOWN);
    }

    /** Whether the region writes tables with several writers itself: its own changes come back to it then, merged. */
    boolean mergesItsOwn() {
        return !merges.equals(MergeRules.NONE) && origins.contains(region);
    }

    /** The replication origin's name in the target database. */
    String replicationOrigin() {
        return "anabranch_" + pipeline;
    }

    @Override
    public String toString() {
        return "ApplierSettings[pipeline=" + pipeline + ", region=" + region + ", database=" + database + "]";
    }
}
