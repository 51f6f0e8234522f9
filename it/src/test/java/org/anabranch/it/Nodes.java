package org.anabranch.it;

import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.region.RegionNode;
import org.anabranch.schemas.RegionStatus;
import org.anabranch.schemas.RegionStatus.CopyStatus;

/** The nodes of all regions of a pipeline, within the test's own process. */
final class Nodes implements AutoCloseable {

    private final List<RegionNode> nodes = new ArrayList<>();

    private Nodes() {}

    static Nodes start(Pipeline pipeline, Path directory) {
        Nodes started = new Nodes();
        for (Region region : pipeline.regions().values()) {
            RegionNode node = new RegionNode(pipeline, region, directory.resolve("data-" + region.name()), "test");
            started.nodes.add(node);
            node.start();
        }
        return started;
    }

    /** Waits until capture streams and the spokes have heard of it. */
    void awaitRunning() {
        await().atMost(Tables.PATIENCE)
                .until(() -> detail("hub", "capture").startsWith("RUNNING")
                        && nodes.stream()
                                .skip(1)
                                .allMatch(
                                        node -> node.status().paths().getFirst().replicatedUntilMicros() > 0));
    }

    List<CopyStatus> copies() {
        return nodes.getFirst().status().copies();
    }

    long copiedRows() {
        return copies().stream().mapToLong(CopyStatus::rowsCopied).sum();
    }

    RegionStatus status(String place) {
        return nodes.get(Pipelines.PLACES.indexOf(place)).status();
    }

    /** What a part in a place says of itself. */
    String detail(String place, String part) {
        RegionStatus status = nodes.get(Pipelines.PLACES.indexOf(place)).status();
        return status.parts().stream()
                .filter(found -> found.name().equals(part))
                .map(found -> found.state() + ": " + found.detail())
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        nodes.forEach(RegionNode::stop);
        nodes.forEach(RegionNode::close);
    }
}
