package org.anabranch.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.anabranch.node.config.ConfigurationFile;
import org.anabranch.node.config.Pipeline;
import org.anabranch.sandbox.PostgresServer;
import org.anabranch.sandbox.RegionCluster;
import org.anabranch.sandbox.SandboxRegion;
import org.jspecify.annotations.Nullable;

/** Makes a pipeline on the shared cluster: a database in each region, a role with exactly the README's rights, a file. */
final class Pipelines {

    static final String ROLE = "replicator";
    static final String PASSWORD = "canary-7391-password";

    /** The order of the shared cluster's regions. */
    static final List<String> PLACES = List.of("hub", "eu", "us");

    private Pipelines() {}

    /** @param tables the lines below "tables:", indented by two blanks */
    static Pipeline create(String name, Path directory, String tables) throws Exception {
        RegionCluster cluster = SharedCluster.get();
        for (String place : PLACES) {
            database(cluster.region(place).postgres(), name);
        }
        return rewrite(name, directory, tables);
    }

    /** Writes the file of a pipeline that is there already, with other tables. */
    static Pipeline rewrite(String name, Path directory, String tables) throws IOException {
        return ConfigurationFile.read(write(name, directory, tables)).pipeline();
    }

    /** As {@link #create}, with a file for each node: there the brokers of other regions are behind the {@link Links}. */
    static void createBehindLinks(String name, Path directory, String tables) throws Exception {
        createBehindLinks(name, directory, tables, Map.of());
    }

    /** @param ports by place where its node answers by HTTP; it does not, where none is given */
    static void createBehindLinks(String name, Path directory, String tables, Map<String, Integer> ports)
            throws Exception {
        create(name, directory, tables);
        for (String place : PLACES) {
            Path file = directory.resolve(name + "-" + place + ".yaml");
            Files.writeString(file, yaml(SharedCluster.get(), name, tables, place, ports));
        }
    }

    /** What the node of a place is started with: the file of its own, if it has one. */
    static Path file(String name, Path directory, String place) {
        Path own = directory.resolve(name + "-" + place + ".yaml");
        return Files.exists(own) ? own : directory.resolve(name + ".yaml");
    }

    static Path write(String name, Path directory, String tables) throws IOException {
        return Files.writeString(
                directory.resolve(name + ".yaml"), yaml(SharedCluster.get(), name, tables, null, Map.of()));
    }

    private static void database(PostgresServer server, String name) throws SQLException {
        server.execute("CREATE DATABASE " + name);
        for (String statement : statements("rights.sql")) {
            server.execute(
                    name,
                    statement
                            .replace(":role", ROLE)
                            .replace(":password", PASSWORD)
                            .replace(":database", name));
        }
    }

    /** The statements of a resource: they end with a semicolon at the end of a line. */
    static List<String> statements(String resource) {
        try (var in = Pipelines.class.getResourceAsStream("/" + resource)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + resource);
            }
            List<String> statements = new ArrayList<>();
            for (String statement : new String(in.readAllBytes(), StandardCharsets.UTF_8).split(";\\s*\n", -1)) {
                if (!statement.isBlank()) {
                    statements.add(statement);
                }
            }
            return statements;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String yaml(
            RegionCluster cluster, String name, String tables, @Nullable String reader, Map<String, Integer> ports) {
        StringBuilder yaml = new StringBuilder();
        yaml.append("pipeline: ").append(name).append("\ntopology: hub-and-spoke\n");
        yaml.append("hub: ").append(region(name, "hub")).append("\nregions:\n");
        for (String place : PLACES) {
            SandboxRegion region = cluster.region(place);
            yaml.append("  ").append(region(name, place)).append(":\n");
            yaml.append("    postgres: { url: \"")
                    .append(region.postgres().jdbcUrl(name))
                    .append("\", user: ")
                    .append(ROLE)
                    .append(", password: \"")
                    .append(PASSWORD)
                    .append("\" }\n");
            yaml.append("    kafka: { bootstrap: \"")
                    .append(
                            reader == null || reader.equals(place)
                                    ? region.kafka().bootstrap()
                                    : SharedCluster.links().bootstrap(reader, place))
                    .append("\" }\n    http: ")
                    .append(ports.containsKey(place) ? "127.0.0.1:" + ports.get(place) : "off")
                    .append("\n");
        }
        return yaml.append("tables:\n").append(tables).toString();
    }

    /** Topics begin with the region's name, so each pipeline on the shared brokers has regions of its own. */
    static String region(String pipeline, String place) {
        return pipeline + "_" + place;
    }

    /** As the role, which owns the hub's tables in these tests. */
    static Connection connect(String pipeline, String place) throws SQLException {
        String url = SharedCluster.get().region(place).postgres().jdbcUrl(pipeline);
        return DriverManager.getConnection(url, ROLE, PASSWORD);
    }
}
