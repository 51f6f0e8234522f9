package org.anabranch.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegionClusterIT {
    @TempDir
    Path directory;

    @Test
    void startsThreeRegionsTellsOfEachAndLeavesNothingWhenClosed() {
        ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
        RegionCluster cluster =
                RegionCluster.start(RegionCluster.Plan.threeRegions().withProgress(lines::add));
        Path folder =
                cluster.region("hub").kafka().logFile().resolve("../../..").normalize();
        try {
            assertThat(cluster.regions()).extracting(SandboxRegion::name).containsExactly("hub", "eu", "us");
            assertThat(lines)
                    .filteredOn(line -> line.matches("(PostgreSQL|Kafka) (hub|eu|us) ready on \\d+ \\(\\d+\\.\\d s\\)"))
                    .hasSize(6);
            assertThat(folder).exists();
        } finally {
            cluster.close();
        }

        assertThat(folder).doesNotExist();
        assertThat(running(folder)).isEmpty();
    }

    @Test
    void goesOnWithTheSameDataOnOtherPortsInTheSameDirectory() throws Exception {
        RegionCluster.Plan first = RegionCluster.Plan.of("hub").withDirectory(directory);
        try (RegionCluster cluster = RegionCluster.start(first)) {
            cluster.region("hub").postgres().execute("create table kept as select 5 as id");
        }
        assertThat(running(directory)).isEmpty();

        RegionCluster.Plan second = RegionCluster.Plan.of("hub").withDirectory(directory);
        assertThat(second.regions()).isNotEqualTo(first.regions());
        try (RegionCluster cluster = RegionCluster.start(second);
                Connection connection = cluster.region("hub").postgres().connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select id from kept")) {
            assertThat(result.next()).isTrue();
            assertThat(result.getInt(1)).isEqualTo(5);
        }
    }

    @Test
    void leavesNothingWhenOneServerDoesNotStart() throws Exception {
        RegionCluster.Plan plan = RegionCluster.Plan.of("hub", "eu").withDirectory(directory);
        int port = plan.regions().get(1).postgresPort();
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(taken.isBound()).isTrue();

            assertThatThrownBy(() -> RegionCluster.start(plan))
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("PostgreSQL eu")
                    .hasMessageContaining(Integer.toString(port));
        }

        assertThat(running(directory)).isEmpty();
        assertThat(Files.exists(directory)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 200, 600, 1_000})
    void leavesNothingWhenItsStartIsInterrupted(long afterMillis) throws Exception {
        RegionCluster.Plan plan = RegionCluster.Plan.of("hub").withDirectory(directory);
        FutureTask<RegionCluster> start = new FutureTask<>(() -> RegionCluster.start(plan));
        Thread starting = Thread.ofPlatform().start(start);
        assertThat(starting.join(Duration.ofMillis(afterMillis))).isFalse();

        starting.interrupt();

        assertThatThrownBy(start::get).hasCauseInstanceOf(SandboxException.class);
        assertThat(running(directory)).isEmpty();
    }

    @Test
    void anUnknownRegionIsNamedWithThoseThereAre() {
        assertThatThrownBy(() -> new RegionCluster.RegionPlan("Eu", 1, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'Eu'");
        RegionCluster.RegionPlan hub = new RegionCluster.RegionPlan("hub", 1, 2);
        assertThatThrownBy(() -> new RegionCluster.Plan(List.of(hub, hub), null, line -> {}, (region, server) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("same name");
    }

    private static List<ProcessIdentity> running(Path folder) {
        return ProcessIdentity.all().stream()
                .filter(process -> process.workingDirectory()
                        .filter(path -> path.startsWith(folder.toString()))
                        .isPresent())
                .toList();
    }
}
