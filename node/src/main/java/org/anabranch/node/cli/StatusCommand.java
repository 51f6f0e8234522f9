package org.anabranch.node.cli;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.region.PipelineView;
import org.anabranch.node.region.StatusDocument;
import org.anabranch.node.region.StatusReader;
import org.anabranch.schemas.RegionStatus;
import org.anabranch.schemas.UnreadableRecordException;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Shows how every region is, as it last said in its own Kafka. */
@CommandLine.Command(
        name = "status",
        description = {
            "Show, per path, replicated-until, the RPO against its target and rows per second, what would be gone with each",
            "region, the state of every part, and what to do next.",
            "replicated-until: everything acknowledged in the origin before it is there. The RPO is the clock minus it, plus",
            "what the clocks may be apart: it is never less than the truth, and grows by itself when anything stands still."
        },
        footerHeading = "%nExit codes:%n",
        footer = {
            "  0   every path is within the RPO",
            "  1   a region could not be reached",
            "  3   a path is over the RPO"
        })
final class StatusCommand extends Command {

    private static final Duration ANSWER_MAX = Duration.ofSeconds(4);
    private static final Duration WATCH_INTERVAL = Duration.ofSeconds(1);

    @Option(names = "--watch", description = "Show it again every second, until Ctrl-C.")
    private boolean watch;

    @Override
    protected ExitCode run(Output output) throws Exception {
        Pipeline pipeline = configuration().pipeline();
        ExitCode code = show(output, view(pipeline));
        while (watch) {
            Thread.sleep(WATCH_INTERVAL);
            PipelineView view = view(pipeline);
            if (!output.isJson()) {
                output.line("");
            }
            code = show(output, view);
        }
        return code;
    }

    private static ExitCode show(Output output, PipelineView view) {
        if (output.isJson()) {
            output.json(StatusDocument.of(view));
        } else {
            StatusText.lines(view).forEach(output::line);
        }
        if (view.isOverRpo()) {
            return ExitCode.OVER_THE_RPO_OR_DIVERGED;
        }
        return view.regions().stream().allMatch(one -> one.status().isPresent()) ? ExitCode.OK : ExitCode.FAILED;
    }

    private static PipelineView view(Pipeline pipeline) throws Exception {
        Map<String, Future<RegionStatus>> asked = new LinkedHashMap<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Region region : pipeline.regions().values()) {
                asked.put(region.name(), executor.submit(() -> status(region)));
            }
        }
        Map<String, RegionStatus> statuses = new HashMap<>();
        Map<String, String> silences = new HashMap<>();
        for (Map.Entry<String, Future<RegionStatus>> one : asked.entrySet()) {
            try {
                statuses.put(one.getKey(), one.getValue().get());
            } catch (ExecutionException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                silences.put(one.getKey(), String.valueOf(cause.getMessage()));
            }
        }
        return PipelineView.of(pipeline, null, statuses, silences, InstantSource.system());
    }

    private static RegionStatus status(Region region) throws IOException, UnreadableRecordException {
        try {
            return StatusReader.read(region, ANSWER_MAX)
                    .orElseThrow(() -> new IOException("its node has not published a status yet"));
        } catch (TimeoutException e) {
            throw new IOException("its Kafka at " + region.kafka().bootstrap() + " does not answer", e);
        }
    }
}
