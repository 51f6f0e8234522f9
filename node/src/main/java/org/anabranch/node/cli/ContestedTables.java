package org.anabranch.node.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.capture.SourceCheck;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.TableRule;
import org.anabranch.node.config.Writers;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;

/** Tables with several writers, in all regions that write them: whether they can be merged, do not number alike, are unique alike, and
 * their regions' clocks say the same. */
final class ContestedTables {

    private ContestedTables() {}

    /** @param sources what stands in each region that could be asked */
    static List<Finding> findings(Pipeline pipeline, Map<String, SourceCheck.Source> sources) {
        List<Finding> findings = new ArrayList<>();
        Map<TableName, Writers.Several> contested = new LinkedHashMap<>();
        sources.forEach((region, source) -> {
            for (TableSchema table : source.tables()) {
                if (pipeline.ruleFor(table.name().schema(), table.name().table())
                                .map(TableRule::writers)
                                .orElse(null)
                        instanceof Writers.Several writers) {
                    contested.put(table.name(), writers);
                    findings.addAll(new MergeFit(region, table).findings(writers.merge()));
                }
            }
        });
        Map<String, SourceCheck.Source> writing = new LinkedHashMap<>(sources);
        writing.keySet().removeIf(region -> contested.values().stream()
                .noneMatch(writers -> writers.regions().contains(region)));
        findings.addAll(Clocks.findings(pipeline.maxClockSkew(), writing));
        contested.forEach((table, writers) -> {
            findings.addAll(new KeyNumbers(table, writers.regions(), sources).findings());
            findings.addAll(new UniqueColumns(table, writers.regions(), sources).findings());
        });
        return findings;
    }
}
