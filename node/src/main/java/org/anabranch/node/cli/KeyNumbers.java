package org.anabranch.node.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.anabranch.capture.KeySequence;
import org.anabranch.capture.SourceCheck;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;

/**
 * Whether the sequences of a table's key hand out the same number in two regions: two rows would then become one.
 *
 * @param writers the regions that write the table
 * @param sources what stands in each region that could be asked
 */
record KeyNumbers(TableName table, List<String> writers, Map<String, SourceCheck.Source> sources) {

    List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        for (String column : numberedColumns()) {
            Map<String, KeySequence> byRegion = byRegion(column);
            findings.addAll(alike(byRegion));
            byRegion.entrySet().stream()
                    .findFirst()
                    .ifPresent(first -> findings.addAll(toBeMade(first.getKey(), column)));
        }
        return findings;
    }

    private Set<String> numberedColumns() {
        Set<String> columns = new LinkedHashSet<>();
        for (String region : writers) {
            sequences(region).forEach(sequence -> columns.add(sequence.column()));
        }
        return columns;
    }

    private List<KeySequence> sequences(String region) {
        return Optional.ofNullable(sources.get(region)).map(SourceCheck.Source::keySequences).orElse(List.of()).stream()
                .filter(sequence -> sequence.table().equals(table))
                .toList();
    }

    private Map<String, KeySequence> byRegion(String column) {
        Map<String, KeySequence> byRegion = new LinkedHashMap<>();
        for (String region : writers) {
            sequences(region).stream()
                    .filter(sequence -> sequence.column().equals(column))
                    .findFirst()
                    .ifPresent(sequence -> byRegion.put(region, sequence));
        }
        return byRegion;
    }

    private List<Finding> alike(Map<String, KeySequence> byRegion) {
        List<Finding> findings = new ArrayList<>();
        byRegion.forEach((region, sequence) -> {
            List<String> others = byRegion.entrySet().stream()
                    .filter(other -> !other.getKey().equals(region) && meet(sequence, other.getValue()))
                    .map(Map.Entry::getKey)
                    .toList();
            if (!others.isEmpty()) {
                findings.add(Finding.error(
                        region + ": table " + table,
                        "its key column '" + sequence.column() + "' is numbered by " + sequence.name()
                                + ", which hands out numbers that " + String.join(" and ", others)
                                + " can hand out too: two rows would become one",
                        "ALTER SEQUENCE " + sequence.name().quoted() + " INCREMENT BY " + writers.size()
                                + " START WITH " + start(region, byRegion) + " RESTART"));
            }
        });
        return findings;
    }

    /** Two arithmetic progressions meet if the distance of their beginnings is a multiple of what their steps have in common. */
    private static boolean meet(KeySequence one, KeySequence other) {
        long common = commonDivisor(Math.abs(one.increment()), Math.abs(other.increment()));
        return Math.floorMod(one.position(), common) == Math.floorMod(other.position(), common);
    }

    private static long commonDivisor(long one, long other) {
        return other == 0 ? one : commonDivisor(other, one % other);
    }

    /** Each region its own remainder, beyond all that was handed out anywhere. */
    private long start(String region, Map<String, KeySequence> byRegion) {
        long handedOut = byRegion.values().stream()
                .mapToLong(KeySequence::position)
                .max()
                .orElse(0);
        return (Math.max(0, handedOut) / writers.size() + 1) * writers.size() + 1 + writers.indexOf(region);
    }

    /** A table that is made from what another region sends gets that one's sequence. */
    private List<Finding> toBeMade(String numbered, String column) {
        List<Finding> findings = new ArrayList<>();
        for (String region : writers) {
            SourceCheck.Source source = sources.get(region);
            if (source != null
                    && source.tables().stream().noneMatch(there -> there.name().equals(table))) {
                findings.add(
                        Finding.warning(
                                region + ": table " + table,
                                "is not there yet, and would be made with the sequence that " + numbered
                                        + " has for its key column '" + column
                                        + "': both would hand out the same numbers",
                                "make the table there before the first start, and run anabranch check again for the statements"));
            }
        }
        return findings;
    }
}
