package org.anabranch.schemas;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a region says of itself in its status topic.
 *
 * @param region its name
 * @param version of the program that its node runs
 * @param writtenAtMicros the node's clock, microseconds since 1970-01-01 UTC
 * @param console where its node serves the console, as a URL; empty if it does not
 * @param parts the state of every part
 * @param paths one for every origin whose changes come here
 * @param tables one for every table that the applier has written since the node started
 * @param epochs what the applier has committed; null where nothing is applied
 * @param captured what is captured here; null where nothing is
 * @param slot through which that is read; null where nothing is captured, or nothing is known of it yet
 * @param copies first copies that this region reads from its own tables
 * @param quarantine tables with changes that could not be applied
 * @param orphans foreign keys of which rows have no parent
 * @param conflicts that the applier has written down
 * @param disks that this region's brokers write to
 * @param aheadMicros by region, how far this node's clock is ahead of that one's node's, at most; measured, see {@code ClockOffsets}
 */
public record RegionStatus(
        String region,
        String version,
        long writtenAtMicros,
        String console,
        List<PartStatus> parts,
        List<PathStatus> paths,
        List<TableStatus> tables,
        @Nullable EpochStatus epochs,
        @Nullable CapturedStatus captured,
        @Nullable SlotStatus slot,
        List<CopyStatus> copies,
        List<QuarantineStatus> quarantine,
        List<OrphanStatus> orphans,
        List<ConflictStatus> conflicts,
        List<DiskStatus> disks,
        Map<String, Long> aheadMicros) {

    public RegionStatus {
        parts = List.copyOf(parts);
        paths = List.copyOf(paths);
        copies = List.copyOf(copies);
        quarantine = List.copyOf(quarantine);
        // an older node says nothing of these
        version = Objects.requireNonNullElse(version, "");
        console = Objects.requireNonNullElse(console, "");
        tables = tables == null ? List.of() : List.copyOf(tables);
        orphans = orphans == null ? List.of() : List.copyOf(orphans);
        conflicts = conflicts == null ? List.of() : List.copyOf(conflicts);
        disks = disks == null ? List.of() : List.copyOf(disks);
        aheadMicros = aheadMicros == null ? Map.of() : Map.copyOf(aheadMicros);
    }

    /**
     * @param name the part, as {@link Part#name}
     * @param state how it is
     * @param detail for people
     * @param sinceMicros when it came into this state
     */
    public record PartStatus(String name, PartState state, String detail, long sinceMicros) {}

    /**
     * The way from an origin into this region. Moments are of the clock of the origin's node: everything that was acknowledged there
     * before them has come so far. 0 stands for none yet.
     *
     * @param origin where the changes come from
     * @param linkedUntilMicros into this region's Kafka
     * @param resolvedUntilMicros through the resolver, as the applier has read
     * @param replicatedUntilMicros into its database, durably
     * @param rowsPerSecond rows applied, over the last seconds
     * @param rowsTotal rows applied since the node started
     */
    public record PathStatus(
            String origin,
            long linkedUntilMicros,
            long resolvedUntilMicros,
            long replicatedUntilMicros,
            double rowsPerSecond,
            long rowsTotal) {}

    /**
     * What became of a table's changes since the node started.
     *
     * @param table the table, readable
     * @param origins where they came from
     * @param applied all that were not refused
     * @param deferred of these, how many had to wait for the region's own changes
     * @param quarantined refused
     */
    public record TableStatus(
            String table, List<String> origins, double rowsPerSecond, long applied, long deferred, long quarantined) {
        public TableStatus {
            origins = List.copyOf(origins);
        }
    }

    /**
     * Database transactions of the applier that brought rows, since the node started.
     *
     * @param seconds from their first row to their commit, all together
     */
    public record EpochStatus(long total, long rows, double seconds) {}

    /**
     * @param untilMicros everything that was acknowledged in the database before this moment is in Kafka, by the node's clock
     * @param rowsTotal rows captured since the node started
     */
    public record CapturedStatus(long untilMicros, double rowsPerSecond, long rowsTotal) {}

    /**
     * A replication slot, as PostgreSQL says of it.
     *
     * @param walStatus reserved, extended, unreserved or lost; missing where there is no such slot
     * @param retainedBytes of WAL that it keeps
     * @param remainingBytes that may still be written before it is lost; null where no bound is set
     */
    public record SlotStatus(
            String name,
            boolean active,
            String walStatus,
            long retainedBytes,
            @Nullable Long remainingBytes) {}

    /**
     * @param disk which, for people
     * @param usableBytes free for the broker
     * @param totalBytes of the volume
     */
    public record DiskStatus(String disk, long usableBytes, long totalBytes) {}

    /**
     * Conflicts written down since the node started.
     *
     * @param table the table, readable
     * @param policy that decided
     */
    public record ConflictStatus(String table, String policy, double perSecond, long total) {}

    /**
     * A first copy.
     *
     * @param table the table, readable
     * @param rowsCopied rows sent and acknowledged
     * @param rowsEstimated the planner's estimate of all rows, at least rowsCopied
     * @param done whether it is complete
     * @param rowsPerSecond since this run of capture began to copy the table; 0 while that is not known
     */
    public record CopyStatus(String table, long rowsCopied, long rowsEstimated, boolean done, double rowsPerSecond) {

        /** For people, with what is left at this rate. */
        public String line() {
            if (done) {
                return String.format(Locale.ROOT, "%s: %,d rows, complete", table, rowsCopied);
            }
            long percent = rowsEstimated == 0 ? 0 : 100 * rowsCopied / rowsEstimated;
            String sofar = String.format(
                    Locale.ROOT, "%s: %,d of about %,d rows (%d%%)", table, rowsCopied, rowsEstimated, percent);
            return rowsPerSecond <= 0
                    ? sofar
                    : sofar
                            + String.format(
                                    Locale.ROOT,
                                    ", %,.0f rows/s, about %,.0f s left",
                                    rowsPerSecond,
                                    Math.ceil((rowsEstimated - rowsCopied) / rowsPerSecond));
        }
    }

    /**
     * @param table the table, readable
     * @param changes how many changes wait there
     * @param lastError the newest of their errors
     */
    public record QuarantineStatus(String table, long changes, String lastError) {}

    /**
     * @param table the table, readable
     * @param constraint the foreign key's name
     * @param parent the table in which the rows' parents are missing, readable
     * @param rows how many have none
     */
    public record OrphanStatus(String table, String constraint, String parent, long rows) {}
}
