package org.anabranch.sandbox;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;

/** The files of a broker: its configuration, that of its logging, and its formatted storage. */
final class BrokerFiles {
    private static final int NODE_ID = 1;
    private static final String CONTROLLER_LISTENER = "CONTROLLER";
    private static final long MESSAGE_BYTES_MAX = 64L * 1024 * 1024;
    private static final String LOGGING = """
            <configuration>
              <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>%d{ISO8601} %-5level %logger{0} %msg%n</pattern></encoder>
              </appender>
              <logger name="kafka.server.KafkaRaftServer" level="INFO"/>
              <root level="WARN"><appender-ref ref="out"/></root>
            </configuration>
            """;

    private final KafkaBroker.Settings settings;

    BrokerFiles(KafkaBroker.Settings settings) {
        this.settings = settings;
    }

    Path storage() {
        return settings.directory().resolve("data");
    }

    Path configuration() {
        return settings.directory().resolve("server.properties");
    }

    Path logging() {
        return settings.directory().resolve("logback.xml");
    }

    Path log() {
        return settings.directory().resolve("kafka.log");
    }

    /** Writes what the broker reads at its start. Formats the storage if that has not been done. */
    void write(int controllerPort) throws IOException {
        Files.createDirectories(settings.directory());
        if (!Files.exists(storage().resolve("meta.properties"))) {
            format();
        }
        Files.writeString(logging(), LOGGING);
        Files.writeString(
                configuration(),
                properties(controllerPort).entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue().replace("\\", "\\\\"))
                        .collect(Collectors.joining("\n", "# Written at every start.\n", "\n")));
    }

    /** Given to the cluster when its storage was formatted. */
    String clusterId() throws IOException {
        Properties meta = new Properties();
        try (var reader = Files.newBufferedReader(storage().resolve("meta.properties"))) {
            meta.load(reader);
        }
        return meta.getProperty("cluster.id", "");
    }

    /** Under another name first, so that storage is formatted wholly or not at all. */
    private void format() throws IOException {
        Path unfinished = settings.directory().resolve("data.unfinished");
        FileTree.delete(unfinished);
        FileTree.delete(storage());
        Files.createDirectories(unfinished);
        try (PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(nowhere)
                    .setNodeId(NODE_ID)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setControllerListenerName(CONTROLLER_LISTENER)
                    .setMetadataLogDirectory(unfinished.toString())
                    .addDirectory(unfinished.toString())
                    .run();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("Cannot format the storage of " + settings.name(), e);
        }
        Files.move(unfinished, storage(), StandardCopyOption.ATOMIC_MOVE);
    }

    private Map<String, String> properties(int controllerPort) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", Integer.toString(NODE_ID));
        properties.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
        properties.put("log.dirs", storage().toString());
        properties.putAll(listeners(controllerPort));
        properties.putAll(oneBroker());
        properties.putAll(smallAndQuick());
        properties.putAll(settings.configuration());
        return properties;
    }

    private Map<String, String> listeners(int controllerPort) {
        StringBuilder bound = new StringBuilder("MAIN://127.0.0.1:" + settings.port());
        StringBuilder advertised = new StringBuilder(bound);
        StringBuilder protocols = new StringBuilder("MAIN:PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT");
        for (KafkaBroker.Listener listener : settings.extraListeners()) {
            bound.append(",").append(listener.name()).append("://127.0.0.1:").append(listener.port());
            advertised
                    .append(",")
                    .append(listener.name())
                    .append("://127.0.0.1:")
                    .append(listener.advertisedPort());
            protocols.append(",").append(listener.name()).append(":PLAINTEXT");
        }
        bound.append("," + CONTROLLER_LISTENER + "://127.0.0.1:").append(controllerPort);
        return Map.of(
                "listeners", bound.toString(),
                "advertised.listeners", advertised.toString(),
                "listener.security.protocol.map", protocols.toString(),
                "inter.broker.listener.name", "MAIN",
                "controller.listener.names", CONTROLLER_LISTENER);
    }

    private static Map<String, String> oneBroker() {
        return Map.of(
                "offsets.topic.replication.factor", "1",
                "offsets.topic.num.partitions", "4",
                "transaction.state.log.replication.factor", "1",
                "transaction.state.log.min.isr", "1",
                "transaction.state.log.num.partitions", "4",
                "share.coordinator.state.topic.replication.factor", "1",
                "share.coordinator.state.topic.min.isr", "1",
                "share.coordinator.state.topic.num.partitions", "1");
    }

    private static Map<String, String> smallAndQuick() {
        Map<String, String> properties = new LinkedHashMap<>();
        // A killed broker may register again when its last session has timed out: with the default after 12 s.
        properties.put("broker.session.timeout.ms", "2000");
        properties.put("broker.heartbeat.interval.ms", "500");
        properties.put("group.initial.rebalance.delay.ms", "0");
        properties.put("auto.create.topics.enable", "false");
        properties.put("message.max.bytes", Long.toString(MESSAGE_BYTES_MAX));
        properties.put("replica.fetch.max.bytes", Long.toString(MESSAGE_BYTES_MAX));
        properties.put("compression.type", "producer");
        properties.put("num.network.threads", "2");
        properties.put("num.io.threads", "4");
        // The default of 128 MB would be half of the heap.
        properties.put("log.cleaner.dedupe.buffer.size", Long.toString(16L * 1024 * 1024));
        properties.put("log.segment.bytes", Long.toString(4 * MESSAGE_BYTES_MAX));
        properties.put("metadata.max.idle.interval.ms", "5000");
        return properties;
    }
}
