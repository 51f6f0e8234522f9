package org.anabranch.node.cli;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.region.RegionView;
import org.anabranch.node.region.StatusReader;
import org.anabranch.schemas.UnreadableRecordException;
import picocli.CommandLine;

/** Shows how every region is, as it last said in its own Kafka. */
@CommandLine.Command(
        name = "status",
        description = {
            "Show, per path, replicated-until, lag against the RPO target and rows per second, and the state of every part.",
            "replicated-until: everything committed in the origin before it is there. Lag is the clock minus it, so it",
            "grows by itself when anything stands still."
        },
        footerHeading = "%nExit codes:%n",
        footer = {
            "  0   every path is within the RPO",
            "  1   a region could not be reached",
            "  3   a path is over the RPO"
        })
final class StatusCommand extends Command {

    private static final Duration ANSWER_MAX = Duration.ofSeconds(4);

    @Override
    protected ExitCode run(Output output) throws Exception {
        Pipeline pipeline = configuration().pipeline();
        List<RegionView> views = views(pipeline);
        if (output.isJson()) {
            output.json(document(pipeline, views));
        } else {
            StatusText.lines(pipeline, views).forEach(output::line);
        }
        if (views.stream().anyMatch(RegionView::isOverRpo)) {
            return ExitCode.OVER_THE_RPO_OR_DIVERGED;
        }
        return views.stream().allMatch(view -> view.status().isPresent()) ? ExitCode.OK : ExitCode.FAILED;
    }

    private static List<RegionView> views(Pipeline pipeline) throws Exception {
        List<Future<RegionView>> asked = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Region region : pipeline.regions().values()) {
                asked.add(executor.submit(() -> view(pipeline, region)));
            }
        }
        List<RegionView> views = new ArrayList<>();
        for (Future<RegionView> view : asked) {
            views.add(view.get());
        }
        return views;
    }

    private static RegionView view(Pipeline pipeline, Region region) {
        try {
            return RegionView.of(
                    pipeline,
                    region,
                    StatusReader.read(region, ANSWER_MAX),
                    "its node has not published a status yet",
                    InstantSource.system());
        } catch (TimeoutException e) {
            return RegionView.of(
                    pipeline,
                    region,
                    Optional.empty(),
                    "its Kafka at " + region.kafka().bootstrap() + " does not answer",
                    InstantSource.system());
        } catch (UnreadableRecordException e) {
            return RegionView.of(
                    pipeline, region, Optional.empty(), String.valueOf(e.getMessage()), InstantSource.system());
        }
    }

    private static Map<String, Object> document(Pipeline pipeline, List<RegionView> views) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("pipeline", pipeline.name());
        document.put("rpoTargetSeconds", pipeline.rpo().toMillis() / 1000.0);
        document.put("regions", views.stream().map(RegionView::document).toList());
        return document;
    }
}
