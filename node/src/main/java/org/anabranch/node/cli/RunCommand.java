package org.anabranch.node.cli;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.http.HttpPart;
import org.anabranch.node.http.NodePages;
import org.anabranch.node.region.RegionNode;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Runs a region's node until it is told to end. */
@CommandLine.Command(
        name = "run",
        description = {
            "Run the node of one region, until Ctrl-C or SIGTERM.",
            "It starts also while servers or other regions are away, says what it waits for, and goes on by itself."
        },
        footerHeading = "%nExample:%n",
        footer = "  anabranch run --region eu --config shop.yaml")
final class RunCommand extends Command {

    @Option(names = "--region", required = true, paramLabel = "NAME", description = "The region that this node serves.")
    private String region = "";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "anabranch-data",
            description = "Where it may keep files of its own; they can be lost (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of("anabranch-data");

    @Override
    protected ExitCode run(Output output) throws Exception {
        Pipeline pipeline = configuration().pipeline();
        Region served = Regions.named(pipeline, region);
        CountDownLatch ended = new CountDownLatch(1);
        RegionNode node =
                new RegionNode(pipeline, served, data.resolve(pipeline.name()).resolve(region), Version.number());
        if (served.http() != null) {
            node.supervise(new HttpPart(served.http(), new NodePages(node, pipeline, served)));
        }
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            node.close();
                            ended.countDown();
                        },
                        "anabranch end"));
        node.start();
        ended.await();
        return ExitCode.OK;
    }
}
