package org.anabranch.node.config;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.SequencedMap;
import org.anabranch.replicator.JournalLimits;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration file says, checked in itself; nothing in it has been reached yet.
 *
 * @param name lower case, a word: slots and replication origins are named after it
 * @param topology how the regions are linked
 * @param hub the region that all others are linked to, null in a mesh
 * @param rpo how far a region may be behind
 * @param partitions of each changes topic
 * @param createTables whether missing target tables are created, unless a table's rule says otherwise
 * @param foreignKeys whether created tables get the foreign keys of the hub's
 * @param journal how much of the journals of conflicts is kept
 * @param maxClockSkew changes of a region whose clock is further ahead than this are not taken
 * @param regions by name, in the order of the file
 * @param tables in the order of the file
 */
public record Pipeline(
        String name,
        Topology topology,
        @Nullable String hub,
        Duration rpo,
        int partitions,
        boolean createTables,
        boolean foreignKeys,
        JournalLimits journal,
        Duration maxClockSkew,
        SequencedMap<String, Region> regions,
        List<TableRule> tables) {

    public static final Duration DEFAULT_RPO = Duration.ofSeconds(5);
    public static final int DEFAULT_PARTITIONS = 4;
    public static final Duration DEFAULT_MAX_CLOCK_SKEW = Duration.ofMinutes(1);

    public Pipeline {
        regions = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(regions));
        tables = List.copyOf(tables);
    }

    /**
     * The region of that name.
     *
     * @throws NoSuchElementException if there is none; the message names those there are
     */
    public Region region(String regionName) {
        Region region = regions.get(regionName);
        if (region == null) {
            throw new NoSuchElementException(
                    "there is no region '" + regionName + "'; the regions are: " + String.join(", ", regions.keySet()));
        }
        return region;
    }

    /** The regions that are not the hub, in the order of the file; all regions of a mesh. */
    public List<Region> spokes() {
        return regions.values().stream()
                .filter(region -> !region.name().equals(hub))
                .toList();
    }

    /** The regions that write any table, in the order of the file. */
    public List<String> writers() {
        return regions.keySet().stream().filter(this::writes).toList();
    }

    public boolean writes(String regionName) {
        return tables.stream().anyMatch(rule -> rule.isWrittenBy(regionName));
    }

    /** Whether the region writes any table that others write too. */
    public boolean writesWithOthers(String regionName) {
        return tables.stream().anyMatch(rule -> rule.hasSeveralWriters() && rule.isWrittenBy(regionName));
    }

    /** The rule for a table: one that names it before any glob, then the first in the file. Empty: not replicated. */
    public Optional<TableRule> ruleFor(String schema, String table) {
        List<TableRule> matching = tables.stream()
                .filter(rule -> rule.pattern().matches(schema, table))
                .toList();
        return matching.stream()
                .filter(rule -> rule.pattern().isName())
                .findFirst()
                .or(() -> matching.stream().findFirst());
    }
}
