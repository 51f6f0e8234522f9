package org.anabranch.it;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.region.RegionNode;

/** The nodes of all regions of a pipeline, within the test's own process. */
final class Nodes implements AutoCloseable {

    private final List<RegionNode> nodes = new ArrayList<>();

    private Nodes() {}

    static Nodes start(Pipeline pipeline, Path directory) {
        Nodes started = new Nodes();
        for (Region region : pipeline.regions().values()) {
            RegionNode node = new RegionNode(pipeline, region, directory.resolve("data-" + region.name()));
            started.nodes.add(node);
            node.start();
        }
        return started;
    }

    @Override
    public void close() {
        nodes.forEach(RegionNode::stop);
        nodes.forEach(RegionNode::close);
    }
}
