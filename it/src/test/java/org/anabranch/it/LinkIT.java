package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.anabranch.replicator.Link;
import org.anabranch.replicator.LinkSettings;
import org.anabranch.replicator.RegionTopics;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.TableSchema;
import org.anabranch.schemas.Topics;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinkIT {

    private static final int PARTITIONS = 3;

    private final String origin = Servers.newName("origin");
    private final String region = Servers.newName("receiver");
    private final String changes = Topics.changes(origin);
    private final TableSchema t = Spoke.schema("t", List.of("id"), "", "id integer", "v text");
    private final List<String> reports = new CopyOnWriteArrayList<>();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private HubStream hub;
    private Spoke.Running running;

    @BeforeEach
    void createTopics() throws Exception {
        new RegionTopics(origin, true, List.of(), List.of(), PARTITIONS, Servers.peerKafka()).ensure();
        ownTopics().ensure();
        hub = new HubStream(Servers.peerKafka(), changes, Topics.schemas(origin), PARTITIONS);
    }

    @AfterEach
    void end() {
        if (running != null) {
            running.stop();
        }
        hub.close();
    }

    @Test
    void changesAndSchemasArriveInTheSamePartitionsInOrderAndUntouched() throws Exception {
        hub.publish(t);
        write(0, 50);
        start();
        write(50, 60);

        awaitCopied();
        assertThat(own()).isEqualTo(peer());
        await().atMost(Tables.PATIENCE).until(() -> Topic.contents(Servers.kafka(), Topics.schemas(origin), 1)
                .equals(Topic.contents(Servers.peerKafka(), Topics.schemas(origin), 1)));
    }

    @Test
    void aLinkThatIsStoppedGoesOnWhereItWas() throws Exception {
        write(0, 50);
        start();
        awaitCopied();
        running.stop();
        write(50, 80);
        start();

        awaitCopied();
        assertThat(own()).isEqualTo(peer());
    }

    @Test
    void whileTheOwnBrokerIsAwayNothingIsPassedOverAndNothingIsClaimedToBeCopied() throws Exception {
        write(0, 20);
        start();
        awaitCopied();
        int copied = own().stream().mapToInt(List::size).sum();

        Servers.broker().pause();
        try {
            write(20, 60);
            awaitReport("WAITING the own Kafka");
            assertThat(committed()).isLessThanOrEqualTo(copied);
        } finally {
            Servers.broker().resume();
        }

        awaitCopied();
        assertThat(Topic.withoutRepeats(own())).isEqualTo(peer());
        awaitReport("RUNNING", reports.size());
    }

    @Test
    void aPeerThatIsAwayIsWaitedForAndComesBackByItself() throws Exception {
        write(0, 10);
        start();
        awaitCopied();

        Servers.peerBroker().pause();
        try {
            awaitReport("WAITING Kafka of " + origin);
        } finally {
            Servers.peerBroker().resume();
        }
        write(10, 20);

        awaitCopied();
        assertThat(Topic.withoutRepeats(own())).isEqualTo(peer());
    }

    @Test
    void changesThatAreGoneBeforeTheLinkSawThemStopIt() throws Exception {
        write(0, 50);
        Topic.loseBefore(Servers.peerKafka(), new TopicPartition(changes, 1), 5);
        start();

        assertThat(running.join())
                .isInstanceOf(PartFailedException.class)
                .hasMessageContaining(changes + " partition 1")
                .hasMessageContaining("begins at offset 5")
                .hasMessageContaining("needs it from 0");
    }

    @Test
    void changesThatAreGoneWhileTheLinkWasAwayStopIt() throws Exception {
        write(0, 20);
        start();
        awaitCopied();
        running.stop();
        write(20, 60);
        TopicPartition partition = new TopicPartition(changes, 0);
        long end = peer().getFirst().size();
        Topic.loseBefore(Servers.peerKafka(), partition, end);
        start();

        assertThat(running.join())
                .isInstanceOf(PartFailedException.class)
                .hasMessageContaining("begins at offset " + end);
    }

    @Test
    void copiesThatAreGoneFromTheOwnClusterStopIt() throws Exception {
        write(0, 20);
        start();
        awaitCopied();
        running.stop();
        Topic.delete(Servers.kafka(), changes);
        await().atMost(Tables.PATIENCE).until(this::ownTopicsAreBack);
        start();

        assertThat(running.join())
                .isInstanceOf(PartFailedException.class)
                .hasMessageContaining("made anew or truncated");
    }

    @Test
    void anotherNumberOfPartitionsIsRefusedByName() {
        assertThatThrownBy(() ->
                        new RegionTopics(region, false, List.of(origin), List.of(origin), 5, Servers.kafka()).ensure())
                .isInstanceOf(PartFailedException.class)
                .hasMessageContaining(changes)
                .hasMessageContaining("has 3 partitions and not 5");
    }

    /** Nothing is lost, and what is in time goes through meanwhile. */
    @Test
    void whatIsStampedFarAheadOfTheClockHereWaitsUntilThatHasComeSoFar() throws Exception {
        write(0, 20);
        start();
        awaitCopied();
        List<List<String>> inTime = own();
        hub.continueAt(now.get().plus(Duration.ofHours(2)));
        write(20, 40);
        await().atMost(Tables.PATIENCE).until(() -> reports.stream()
                .anyMatch(report -> report.startsWith("WAITING what comes next of " + changes)));
        assertThat(own()).isEqualTo(inTime);

        now.updateAndGet(clock -> clock.plus(Duration.ofMinutes(118)));
        assertThat(own()).isEqualTo(inTime);
        now.updateAndGet(clock -> clock.plus(Duration.ofMinutes(2)));

        awaitCopied();
        await().atMost(Tables.PATIENCE).until(() -> reports.getLast().equals("RUNNING copying from " + origin));
    }

    private RegionTopics ownTopics() {
        return new RegionTopics(region, false, List.of(origin), List.of(origin), PARTITIONS, Servers.kafka());
    }

    private boolean ownTopicsAreBack() throws Exception {
        ownTopics().ensure();
        return true;
    }

    private void start() {
        running = new Spoke.Running(
                new Link(
                        new LinkSettings(
                                "shop",
                                region,
                                origin,
                                List.of(origin),
                                List.of(origin),
                                Servers.peerKafka(),
                                Servers.kafka(),
                                PARTITIONS,
                                Duration.ofMinutes(1)),
                        now::get),
                reports);
    }

    private void write(int from, int to) {
        for (int i = from; i < to; i++) {
            hub.begin().insert(t, Integer.toString(i), "v" + i).commitSoon();
        }
        hub.begin().commit();
    }

    private void awaitCopied() {
        await().atMost(Tables.PATIENCE).until(() -> Topic.withoutRepeats(own()).equals(peer()));
    }

    private List<List<String>> own() {
        return Topic.contents(Servers.kafka(), changes, PARTITIONS);
    }

    private List<List<String>> peer() {
        return Topic.contents(Servers.peerKafka(), changes, PARTITIONS);
    }

    private long committed() throws Exception {
        try (Admin admin = Admin.create(Servers.peerKafka())) {
            return admin
                    .listConsumerGroupOffsets("anabranch-shop-" + region + "-link-from-" + origin)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .entrySet()
                    .stream()
                    .filter(entry -> entry.getKey().topic().equals(changes))
                    .mapToLong(entry -> entry.getValue().offset())
                    .sum();
        }
    }

    private void awaitReport(String report) {
        awaitReport(report, 0);
    }

    private void awaitReport(String report, int after) {
        await().atMost(Tables.PATIENCE)
                .until(() -> reports.stream().skip(Math.max(0, after - 1)).anyMatch(r -> r.startsWith(report)));
    }
}
