package org.anabranch.sandbox.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.anabranch.sandbox.ChildJvm;
import org.anabranch.sandbox.ClassArchive;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node for each region, each in a JVM of its own. */
final class DemoNodes {

    private static final Logger LOG = LoggerFactory.getLogger(DemoNodes.class);

    /** Of the node alone, as a shipped node is started; not the sandbox's. */
    private static final String NODE = "org.anabranch.node.cli.Main";

    /** Quick to start; a node of the demo has little to do. */
    private static final List<String> JVM_FLAGS = List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED");

    /** All nodes have the same parts, so one archive does for all. */
    private static final String RECORDED = "hub";

    private static final Duration STOP_MAX = Duration.ofSeconds(40);

    private final SequencedMap<String, ChildJvm> nodes = new LinkedHashMap<>();
    private final Map<Path, ClassArchive> recordings = new HashMap<>();

    DemoNodes(DemoFolder folder) {
        for (String region : DemoPorts.REGIONS) {
            List<String> flags = new ArrayList<>(JVM_FLAGS);
            flags.addAll(archiveFlags(region, folder.path().resolve("node-" + region + ".jsa")));
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
                    new ChildJvm(
                            new ChildJvm.Settings("node " + region, NODE, flags, arguments, folder.nodeLog(region))));
        }
    }

    /** Those of an archive if there is one; else one node records it, when it ends. */
    private List<String> archiveFlags(String region, Path unfinished) {
        ClassArchive archive = ClassArchive.ofThisClassPath("node").orElse(null);
        if (archive == null) {
            return List.of();
        }
        if (archive.exists() || !region.equals(RECORDED)) {
            return archive.flags();
        }
        recordings.put(unfinished, archive);
        return ClassArchive.recordingFlags(unfinished);
    }

    /** Whether nodes have to be ended in order, once, so that later ones start faster. */
    boolean isRecording() {
        return !recordings.isEmpty();
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
        recordings.forEach(DemoNodes::adopt);
    }

    private static void adopt(Path recorded, ClassArchive archive) {
        try {
            if (Files.exists(recorded)) {
                archive.adopt(recorded);
            }
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("the class archive of the nodes could not be kept");
        }
    }

    void kill() {
        nodes.values().forEach(ChildJvm::kill);
    }
}
