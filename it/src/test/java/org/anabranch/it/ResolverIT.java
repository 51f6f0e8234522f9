package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.anabranch.replicator.MergeRules;
import org.anabranch.replicator.RegionTopics;
import org.anabranch.replicator.Resolver;
import org.anabranch.replicator.ResolverSettings;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.TableSchema;
import org.anabranch.schemas.Topics;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResolverIT {

    private static final int PARTITIONS = 3;

    @TempDir
    Path stateDirectory;

    private final String origin = Servers.newName("origin");
    private final String region = Servers.newName("receiver");
    private final TableSchema t = Spoke.schema("t", List.of("id"), "", "id integer", "v text");
    private final List<String> reports = new CopyOnWriteArrayList<>();
    private HubStream hub;
    private Spoke.Running running;

    @BeforeEach
    void createTopics() throws Exception {
        new RegionTopics(region, false, List.of(origin), List.of(origin), PARTITIONS, Servers.kafka()).ensure();
        hub = new HubStream(Servers.kafka(), Topics.changes(origin), Topics.schemas(origin), PARTITIONS);
    }

    @AfterEach
    void end() {
        if (running != null) {
            running.stop();
        }
        hub.close();
    }

    @Test
    void changesPassThroughInTheirPartitionsInOrderAndUntouchedAndItGoesOnWhereItWas() throws Exception {
        write(0, 50);
        hub.raw(1, new byte[] {1}, new byte[] {2}); // nothing that anyone can read
        start();
        write(50, 80);
        awaitResolved();
        running.stop();
        write(80, 120);
        start();
        awaitResolved();

        assertThat(resolved()).isEqualTo(changes());
    }

    @Test
    void repeatsArePassedOn() throws Exception {
        write(0, 10);
        hub.sendAgain(12);
        start();

        await().atMost(Tables.PATIENCE).until(() -> resolved().equals(changes()));
        assertThat(Topic.withoutRepeats(resolved())).isNotEqualTo(resolved());
    }

    @Test
    void aBrokerThatIsAwayIsWaitedFor() throws Exception {
        write(0, 10);
        start();
        awaitResolved();
        Servers.broker().pause();
        try {
            await().atMost(Tables.PATIENCE)
                    .until(() -> reports.stream().anyMatch(r -> r.startsWith("WAITING Kafka at")));
        } finally {
            Servers.broker().resume();
        }
        write(10, 20);

        awaitResolved();
    }

    @Test
    void changesThatAreGoneStopIt() throws Exception {
        write(0, 50);
        Topic.loseBefore(Servers.kafka(), new TopicPartition(Topics.changes(origin), 2), 4);
        start();

        assertThat(running.join())
                .isInstanceOf(PartFailedException.class)
                .hasMessageContaining(Topics.changes(origin) + " partition 2")
                .hasMessageContaining("offsets 0 to 4 are gone");
    }

    @Test
    void changesThatAreGoneWhileItWasAwayStopIt() throws Exception {
        write(0, 20);
        start();
        awaitResolved();
        running.stop();
        write(20, 60);
        long end = changes().getFirst().size();
        Topic.loseBefore(Servers.kafka(), new TopicPartition(Topics.changes(origin), 0), end);
        start();

        assertThat(running.join())
                .isInstanceOf(PartFailedException.class)
                .hasMessageContaining("to " + end + " are gone");
    }

    private void start() {
        running = new Spoke.Running(
                new Resolver(new ResolverSettings(
                        "shop", region, List.of(origin), Servers.kafka(), stateDirectory, MergeRules.NONE)),
                reports);
    }

    private void write(int from, int to) {
        for (int i = from; i < to; i++) {
            hub.begin().insert(t, Integer.toString(i), "v" + i).commitSoon();
        }
        hub.begin().commit();
    }

    private void awaitResolved() {
        await().atMost(Tables.PATIENCE)
                .until(() -> Topic.withoutRepeats(resolved()).equals(Topic.withoutRepeats(changes())));
    }

    private List<List<String>> changes() {
        return Topic.contents(Servers.kafka(), Topics.changes(origin), PARTITIONS);
    }

    private List<List<String>> resolved() {
        return Topic.contents(Servers.kafka(), Topics.resolved(region), PARTITIONS);
    }
}
