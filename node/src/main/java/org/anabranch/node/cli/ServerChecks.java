package org.anabranch.node.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.anabranch.capture.SourceCheck;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.region.RegionSettings;
import org.anabranch.replicator.TargetCheck;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;

/** Looks at all databases and brokers that a pipeline names, at once. */
final class ServerChecks implements Check {

    @Override
    public List<Finding> findings(Pipeline pipeline) {
        Map<String, List<TableSchema>> sent = sent(pipeline);
        List<Future<List<Finding>>> asked = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Region region : pipeline.regions().values()) {
                RegionSettings settings = new RegionSettings(pipeline, region);
                asked.add(executor.submit(() -> database(settings, sentByOthers(sent, region.name()))));
                asked.add(executor.submit(() -> settings.topics().findings()));
            }
        }
        return asked.stream()
                .flatMap(found -> result(found).stream())
                .filter(finding -> finding.severity() != Finding.Severity.INFO)
                .toList();
    }

    private static List<Finding> database(RegionSettings settings, List<TableSchema> tables) {
        List<Finding> findings = new ArrayList<>();
        if (settings.writes()) {
            List<TableName> toBeMade = tables.stream().map(TableSchema::name).toList();
            findings.addAll(new SourceCheck(settings.capture().check()).findings(toBeMade));
        }
        boolean isReached = findings.stream().noneMatch(finding -> finding.severity() == Finding.Severity.UNREACHABLE);
        if (settings.receives() && isReached) {
            findings.addAll(new TargetCheck(settings.applier()).findings(tables));
        }
        return findings;
    }

    /** What each region would send, by its name. */
    private static Map<String, List<TableSchema>> sent(Pipeline pipeline) {
        Map<String, List<TableSchema>> sent = new LinkedHashMap<>();
        for (String writer : pipeline.writers()) {
            RegionSettings settings = new RegionSettings(pipeline, pipeline.region(writer));
            sent.put(writer, new SourceCheck(settings.capture().check()).tables());
        }
        return sent;
    }

    /** A table that several others send, once. */
    private static List<TableSchema> sentByOthers(Map<String, List<TableSchema>> sent, String region) {
        Map<TableName, TableSchema> byName = new LinkedHashMap<>();
        sent.forEach((writer, tables) -> {
            if (!writer.equals(region)) {
                tables.forEach(table -> byName.putIfAbsent(table.name(), table));
            }
        });
        return List.copyOf(byName.values());
    }

    private static <T> T result(Future<T> asked) {
        try {
            return asked.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
