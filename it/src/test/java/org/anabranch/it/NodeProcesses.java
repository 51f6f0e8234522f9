package org.anabranch.it;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.sandbox.ChildJvm;

/** The nodes of a pipeline as programs of their own, to be killed. */
final class NodeProcesses implements AutoCloseable {

    private static final List<String> QUICK_START = List.of(
            "-Xmx384m",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED");

    private final Map<String, ChildJvm> nodes = new LinkedHashMap<>();

    NodeProcesses(String pipeline, Path directory, String... options) {
        for (String place : Pipelines.PLACES) {
            List<String> arguments = new ArrayList<>(List.of("run", "--region", Pipelines.region(pipeline, place)));
            arguments.addAll(List.of(
                    "--config", Pipelines.file(pipeline, directory, place).toString()));
            arguments.addAll(List.of("--data", directory.resolve("data").toString()));
            arguments.addAll(List.of(options));
            nodes.put(
                    place,
                    new ChildJvm(new ChildJvm.Settings(
                            "node " + place,
                            "org.anabranch.node.cli.Main",
                            QUICK_START,
                            arguments,
                            directory.resolve("node-" + place + ".log"))));
        }
    }

    NodeProcesses startAll() {
        nodes.values().forEach(ChildJvm::start);
        return this;
    }

    ChildJvm node(String place) {
        return nodes.get(place);
    }

    @Override
    public void close() {
        nodes.values().stream().filter(ChildJvm::isAlive).forEach(ChildJvm::kill);
    }
}
