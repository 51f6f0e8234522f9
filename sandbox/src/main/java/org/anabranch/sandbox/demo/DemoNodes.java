package org.anabranch.sandbox.demo;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.anabranch.sandbox.ChildJvm;

/** A node for each region, each in a JVM of its own. */
final class DemoNodes {

    /** Of the node alone, as a shipped node is started; not the sandbox's. */
    private static final String NODE = "org.anabranch.node.cli.Main";

    /** Quick to start; a node of the demo has little to do. */
    private static final List<String> JVM_FLAGS = List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED");

    private static final Duration STOP_MAX = Duration.ofSeconds(40);

    private final SequencedMap<String, ChildJvm> nodes = new LinkedHashMap<>();

    DemoNodes(DemoFolder folder) {
        for (String region : DemoPorts.REGIONS) {
            List<String> arguments = List.of(
                    "run",
                    "--region",
                    region,
                    "--config",
                    folder.configuration().toString(),
                    "--data",
                    folder.nodeData().toString());
            nodes.put(
                    region,
                    new ChildJvm(new ChildJvm.Settings(
                            "node " + region, NODE, JVM_FLAGS, arguments, folder.nodeLog(region))));
        }
    }

    Map<String, ChildJvm> byRegion() {
        return nodes;
    }

    ChildJvm node(String region) {
        return Objects.requireNonNull(nodes.get(region), region);
    }

    /** Lets all of them end in order, at the same time. Blocks. */
    void stop() {
        List<Thread> stops = nodes.values().stream()
                .map(node -> Thread.ofVirtual().start(node::stop))
                .toList();
        for (Thread stop : stops) {
            try {
                stop.join(STOP_MAX);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    void kill() {
        nodes.values().forEach(ChildJvm::kill);
    }
}
