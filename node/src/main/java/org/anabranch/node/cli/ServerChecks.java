package org.anabranch.node.cli;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.anabranch.capture.CaptureSettings;
import org.anabranch.capture.Sessions;
import org.anabranch.capture.SourceCatalog;
import org.anabranch.capture.SourceCheck;
import org.anabranch.capture.SourceTable;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.region.RegionSettings;
import org.anabranch.replicator.TargetCheck;
import org.anabranch.schemas.TableSchema;

/** Looks at all databases and brokers that a pipeline names, at once. */
final class ServerChecks implements Check {

    @Override
    public List<Finding> findings(Pipeline pipeline) {
        List<TableSchema> tables = tables(pipeline);
        List<Future<List<org.anabranch.schemas.Finding>>> asked = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Region region : pipeline.regions().values()) {
                RegionSettings settings = new RegionSettings(pipeline, region);
                asked.add(executor.submit(() -> database(settings, tables)));
                asked.add(executor.submit(() -> settings.topics().findings()));
            }
        }
        return asked.stream()
                .flatMap(found -> result(found).stream())
                .filter(finding -> finding.severity() != org.anabranch.schemas.Finding.Severity.INFO)
                .map(Finding::of)
                .toList();
    }

    private static List<org.anabranch.schemas.Finding> database(RegionSettings settings, List<TableSchema> tables) {
        return settings.isHub()
                ? new SourceCheck(settings.capture().check()).findings()
                : new TargetCheck(settings.applier()).findings(tables);
    }

    /** What the hub will send; nothing where it cannot be asked, which its own check says. */
    private static List<TableSchema> tables(Pipeline pipeline) {
        Region hub = pipeline.region(String.valueOf(pipeline.hub()));
        CaptureSettings capture = new RegionSettings(pipeline, hub).capture();
        try (Connection connection = Sessions.open(capture.database(), "anabranch check")) {
            return SourceCatalog.read(connection, name -> capture.tables().stream()
                            .anyMatch(pattern -> pattern.matches().test(name)))
                    .tables()
                    .stream()
                    .map(SourceTable::schema)
                    .toList();
        } catch (SQLException e) {
            return List.of();
        }
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
