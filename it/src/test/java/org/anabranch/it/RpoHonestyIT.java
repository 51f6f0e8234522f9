package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.anabranch.sandbox.FreePorts;
import org.anabranch.schemas.Json;
import org.anabranch.schemas.UnreadableRecordException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The RPO that nodes say is measured from outside: a writer notes when each of its commits was acknowledged, and at every sample what
 * is said of a spoke is at least the age of the oldest of them that the spoke does not have.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RpoHonestyIT {

    private static final String PIPELINE = "honest";
    private static final int SAMPLES = 16;

    /** What it may say too much where nothing is wrong: a heartbeat, and a slow machine's pauses. */
    private static final double QUIET_EXCESS_SECONDS = 2;

    private record Sample(double truthSeconds, double saidSeconds) {}

    private final Map<Long, Long> acknowledgedMillis = new ConcurrentSkipListMap<>();
    private final AtomicBoolean writing = new AtomicBoolean(true);
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, Integer> ports = new TreeMap<>();
    private NodeProcesses nodes;
    private Thread writer;
    private volatile @Nullable Exception failure;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        Pipelines.PLACES.forEach(place -> ports.put(place, FreePorts.next()));
        Pipelines.createBehindLinks(PIPELINE, directory, "  - table: public.counted\n", ports);
        Tables.execute(
                PIPELINE, "hub", "CREATE TABLE counted (id bigint PRIMARY KEY)", "INSERT INTO counted VALUES (0)");
        nodes = new NodeProcesses(PIPELINE, directory).startAll();
        Tables.awaitSame(PIPELINE, "counted");
        writer = Thread.ofPlatform().name("writer").start(this::write);
        await().atMost(Tables.PATIENCE).until(() -> said("eu") < QUIET_EXCESS_SECONDS);
    }

    @AfterAll
    void stop() throws Exception {
        writing.set(false);
        if (writer != null) {
            writer.join();
        }
        if (nodes != null) {
            nodes.close();
        }
        SharedCluster.links().healAll();
        http.close();
    }

    private void write() {
        try (Connection connection = Pipelines.connect(PIPELINE, "hub");
                Statement statement = connection.createStatement()) {
            for (long id = 1; writing.get(); id++) {
                statement.execute("INSERT INTO counted VALUES (" + id + "), (" + -id + ")");
                acknowledgedMillis.put(id, System.currentTimeMillis());
                statement.execute("SELECT pg_sleep(0.01)");
            }
        } catch (SQLException e) {
            failure = e;
        }
    }

    /** First the truth, then what is said, and the truth is the age at the time of the first: what is said is never of before. */
    private Sample sample(String place) throws Exception {
        long now = System.currentTimeMillis();
        List<Map.Entry<Long, Long>> acknowledged = List.copyOf(acknowledgedMillis.entrySet());
        long there = Long.parseLong(Tables.value(PIPELINE, place, "SELECT coalesce(max(id), 0) FROM counted"));
        double saidSeconds = said(place);
        double truthSeconds = acknowledged.stream()
                .filter(commit -> commit.getKey() > there)
                .mapToDouble(commit -> (now - commit.getValue()) / 1_000.0)
                .findFirst()
                .orElse(0);
        return new Sample(truthSeconds, saidSeconds);
    }

    private double said(String place) throws IOException, InterruptedException {
        Map<?, ?> status = get(place, "/api/status");
        for (Object region : (List<?>) status.get("regions")) {
            Map<?, ?> of = (Map<?, ?>) region;
            if (of.get("region").equals(Pipelines.region(PIPELINE, place))
                    && of.get("paths") instanceof List<?> paths) {
                Map<?, ?> path = (Map<?, ?>) paths.getFirst();
                return path.get("rpoSeconds") instanceof Number seconds ? seconds.doubleValue() : Double.MAX_VALUE;
            }
        }
        return Double.MAX_VALUE;
    }

    private Map<?, ?> get(String place, String path) throws IOException, InterruptedException {
        try {
            return Json.read(body(place, path).body().getBytes(StandardCharsets.UTF_8), Map.class);
        } catch (UnreadableRecordException e) {
            throw new IOException(e);
        }
    }

    private HttpResponse<String> body(String place, String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + ports.get(place) + path);
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private List<Sample> samples(String place) throws Exception {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            samples.add(sample(place));
            Tables.value(PIPELINE, place, "SELECT pg_sleep(0.25)");
        }
        assertThat(failure).isNull();
        assertThat(samples)
                .allSatisfy(sample -> assertThat(sample.saidSeconds()).isGreaterThanOrEqualTo(sample.truthSeconds()));
        return samples;
    }

    @Test
    @Order(1)
    void whereNothingIsWrongItSaysHardlyMoreThanTheTruth() throws Exception {
        assertThat(samples("eu").stream()
                        .mapToDouble(sample -> sample.saidSeconds() - sample.truthSeconds())
                        .sorted()
                        .skip(SAMPLES / 2)
                        .findFirst()
                        .orElseThrow())
                .isLessThan(QUIET_EXCESS_SECONDS);
        assertThat(body("eu", "/readyz").statusCode()).isEqualTo(200);
        assertThat(body("eu", "/livez").statusCode()).isEqualTo(200);
        assertThat(body("eu", "/api/quarantine").body()).isEqualTo("{\"quarantine\":[]}");
        assertThat(body("eu", "/api/conflicts").body()).isEqualTo("{\"conflicts\":[]}");
        assertThat(body("eu", "/readyz?max_lag=soon").statusCode()).isEqualTo(400);
        assertThat(body("eu", "/metrics").body())
                .contains("anabranch_rpo_seconds{", "anabranch_build_info{", "anabranch_rows_total{");
    }

    @Test
    @Order(2)
    void whatIsSaidGrowsWithTheClockWhileTheLinkIsCut() throws Exception {
        SharedCluster.links().cut("eu", "hub");
        List<Sample> samples = samples("eu");

        assertThat(samples.getLast().saidSeconds())
                .isGreaterThan(samples.getFirst().saidSeconds() + 2);
        assertThat(body("eu", "/readyz?max_lag=1s").statusCode()).isEqualTo(503);
        assertThat(body("eu", "/readyz?max_lag=1s").body()).contains("max_lag is 1.0 s");
        assertThat(body("eu", "/livez").statusCode()).isEqualTo(200);
        SharedCluster.links().heal("eu", "hub");
        await().atMost(Tables.PATIENCE).until(() -> said("eu") < QUIET_EXCESS_SECONDS);
    }

    @Test
    @Order(3)
    void whatIsSaidGrowsWithTheClockWhileTheHubsNodeIsStopped() throws Exception {
        nodes.node("hub").pause();
        List<Sample> samples = samples("us");
        nodes.node("hub").resume();

        assertThat(samples.getLast().saidSeconds())
                .isGreaterThan(samples.getFirst().saidSeconds() + 2);
        await().atMost(Tables.PATIENCE).until(() -> said("us") < QUIET_EXCESS_SECONDS);
    }

    @Test
    @Order(4)
    void aNodeThatIsGoneIsShownByTheOthersAsWhatItIs() throws Exception {
        nodes.node("us").kill();
        await().atMost(Tables.PATIENCE).untilAsserted(() -> {
            Map<?, ?> status = get("hub", "/api/status");
            assertThat(rpoOf("us", status)).isGreaterThan(5);
            assertThat(status.toString()).contains("silent=true");
        });
        nodes.node("us").start();
        await().atMost(Tables.PATIENCE).ignoreExceptions().until(() -> said("us") < QUIET_EXCESS_SECONDS);
    }

    private static double rpoOf(String place, Map<?, ?> status) {
        return ((List<?>) status.get("regions"))
                .stream()
                        .map(region -> (Map<?, ?>) region)
                        .filter(region -> region.get("region").equals(Pipelines.region(PIPELINE, place)))
                        .flatMap(region -> ((List<?>) region.get("paths")).stream())
                        .map(path -> ((Map<?, ?>) path).get("rpoSeconds"))
                        .mapToDouble(seconds -> ((Number) seconds).doubleValue())
                        .findFirst()
                        .orElse(-1);
    }
}
