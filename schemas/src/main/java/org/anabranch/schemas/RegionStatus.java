package org.anabranch.schemas;

import java.util.List;
import java.util.Locale;

/**
 * What a region says of itself in its status topic.
 *
 * @param region its name
 * @param writtenAtMicros the region's clock, microseconds since 1970-01-01 UTC
 * @param parts the state of every part
 * @param paths one for every origin whose changes come here
 * @param copies first copies that this region reads from its own tables
 * @param quarantine tables with changes that could not be applied
 * @param orphans foreign keys of which rows have no parent
 */
public record RegionStatus(
        String region,
        long writtenAtMicros,
        List<PartStatus> parts,
        List<PathStatus> paths,
        List<CopyStatus> copies,
        List<QuarantineStatus> quarantine,
        List<OrphanStatus> orphans) {

    public RegionStatus {
        parts = List.copyOf(parts);
        paths = List.copyOf(paths);
        copies = List.copyOf(copies);
        quarantine = List.copyOf(quarantine);
        orphans = orphans == null ? List.of() : List.copyOf(orphans); // an older node says nothing of them
    }

    /**
     * @param name the part, as {@link Part#name}
     * @param state how it is
     * @param detail for people
     * @param sinceMicros when it came into this state
     */
    public record PartStatus(String name, PartState state, String detail, long sinceMicros) {}

    /**
     * The way from an origin into this region.
     *
     * @param origin where the changes come from
     * @param replicatedUntilMicros commit time of the newest epoch wholly applied; 0 before the first
     * @param rowsPerSecond rows applied, over the last seconds
     * @param rowsTotal rows applied since the node started
     */
    public record PathStatus(String origin, long replicatedUntilMicros, double rowsPerSecond, long rowsTotal) {}

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
