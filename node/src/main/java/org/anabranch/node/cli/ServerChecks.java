package org.anabranch.node.cli;

import java.util.ArrayList;
import java.util.List;
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
import org.anabranch.schemas.TableSchema;

/** Looks at all databases and brokers that a pipeline names, at once. */
final class ServerChecks implements Check {

    @Override
    public List<Finding> findings(Pipeline pipeline) {
        List<TableSchema> tables = tables(pipeline);
        List<Future<List<Finding>>> asked = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Region region : pipeline.regions().values()) {
                RegionSettings settings = new RegionSettings(pipeline, region);
                asked.add(executor.submit(() -> database(settings, tables)));
                asked.add(executor.submit(() -> settings.topics().findings()));
            }
        }
        return asked.stream()
                .flatMap(found -> result(found).stream())
                .filter(finding -> finding.severity() != Finding.Severity.INFO)
                .toList();
    }

    private static List<Finding> database(RegionSettings settings, List<TableSchema> tables) {
        return settings.isHub()
                ? new SourceCheck(settings.capture().check()).findings()
                : new TargetCheck(settings.applier()).findings(tables);
    }

    private static List<TableSchema> tables(Pipeline pipeline) {
        Region hub = pipeline.region(String.valueOf(pipeline.hub()));
        return new SourceCheck(new RegionSettings(pipeline, hub).capture().check()).tables();
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
