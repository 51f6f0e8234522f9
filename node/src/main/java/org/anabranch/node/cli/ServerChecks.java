package org.anabranch.node.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
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
        Map<String, SourceCheck.Source> sources = sources(pipeline);
        List<Callable<List<Finding>>> questions = new ArrayList<>();
        for (Region region : pipeline.regions().values()) {
            RegionSettings settings = new RegionSettings(pipeline, region);
            questions.add(() -> database(settings, sentByOthers(sources, region.name())));
            questions.add(() -> settings.topics().findings());
        }
        List<Finding> findings = new ArrayList<>();
        allAtOnce(questions).forEach(findings::addAll);
        findings.addAll(ContestedTables.findings(pipeline, sources));
        return findings.stream()
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

    /** What stands in each region that writes, by its name; regions that cannot be asked are left out. */
    private static Map<String, SourceCheck.Source> sources(Pipeline pipeline) {
        List<Callable<Optional<SourceCheck.Source>>> questions = new ArrayList<>();
        for (String writer : pipeline.writers()) {
            RegionSettings settings = new RegionSettings(pipeline, pipeline.region(writer));
            questions.add(() -> new SourceCheck(settings.capture().check()).source());
        }
        List<Optional<SourceCheck.Source>> answers = allAtOnce(questions);
        Map<String, SourceCheck.Source> sources = new LinkedHashMap<>();
        for (int i = 0; i < answers.size(); i++) {
            String writer = pipeline.writers().get(i);
            answers.get(i).ifPresent(source -> sources.put(writer, source));
        }
        return sources;
    }

    /** A table that several others send, once. */
    private static List<TableSchema> sentByOthers(Map<String, SourceCheck.Source> sources, String region) {
        Map<TableName, TableSchema> byName = new LinkedHashMap<>();
        sources.forEach((writer, source) -> {
            if (!writer.equals(region)) {
                source.tables().forEach(table -> byName.putIfAbsent(table.name(), table));
            }
        });
        return List.copyOf(byName.values());
    }

    /** The answers in the order of the questions. */
    private static <T> List<T> allAtOnce(List<Callable<T>> questions) {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<T> answers = new ArrayList<>();
            for (Future<T> asked : executor.invokeAll(questions)) {
                answers.add(asked.get());
            }
            return answers;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
