package org.anabranch.node.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.anabranch.capture.SourceCheck;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;

/**
 * Whether a table has the same unique columns in all regions that write it: else a row that some take is refused by others.
 *
 * @param writers the regions that write the table
 * @param sources what stands in each region that could be asked
 */
record UniqueColumns(TableName table, List<String> writers, Map<String, SourceCheck.Source> sources) {

    List<Finding> findings() {
        Map<String, List<String>> byRegion = byRegion();
        List<Finding> findings = new ArrayList<>();
        byRegion.entrySet().stream()
                .findFirst()
                .ifPresent(first -> byRegion.forEach((region, unique) -> {
                    if (!unique.equals(first.getValue())) {
                        findings.add(Finding.error(
                                region + ": table " + table,
                                "beside its key " + text(unique) + ", and in " + first.getKey() + " "
                                        + text(first.getValue())
                                        + ": rows that one region takes the other would refuse",
                                "make the same unique constraints and unique indexes in both"));
                    }
                }));
        return findings;
    }

    private Map<String, List<String>> byRegion() {
        Map<String, List<String>> byRegion = new LinkedHashMap<>();
        for (String region : writers) {
            SourceCheck.Source source = sources.get(region);
            if (source != null) {
                source.tables().stream()
                        .filter(there -> there.name().equals(table))
                        .map(TableSchema::unique)
                        .findFirst()
                        .ifPresent(unique -> byRegion.put(region, List.copyOf(new TreeSet<>(unique))));
            }
        }
        return byRegion;
    }

    private static String text(List<String> unique) {
        return unique.isEmpty() ? "nothing is unique" : String.join(", ", unique) + " must be unique";
    }
}
