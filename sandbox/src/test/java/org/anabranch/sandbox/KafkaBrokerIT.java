package org.anabranch.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaBrokerIT {
    private static final String TOPIC = "eu.changes";
    private static final int LARGE_BYTES = 12 * 1024 * 1024;

    @TempDir
    Path directory;

    private final int port = FreePorts.next();
    private final int listenerPort = FreePorts.next();
    private final int advertisedPort = FreePorts.next();
    private final List<SandboxProcess> started = new ArrayList<>();

    @AfterEach
    void end() {
        started.forEach(SandboxProcess::kill);
    }

    @Test
    void keepsAcknowledgedRecordsWhenItIsKilledAndForgetsThemWhenItIsWiped() throws Exception {
        KafkaBroker broker = broker(List.of());
        broker.start();
        createTopic(broker.bootstrap());
        produce(broker.bootstrap(), "a".getBytes(StandardCharsets.UTF_8), new byte[LARGE_BYTES]);

        broker.kill();
        assertThat(broker.isAlive()).isFalse();
        assertThat(FreePorts.isFree(port)).isTrue();
        broker.start();

        assertThat(consume(broker.bootstrap(), 2)).containsExactly(1, LARGE_BYTES);
        assertThatThrownBy(broker::wipe).isInstanceOf(SandboxException.class).hasMessageContaining("stop or kill it");

        broker.stop();
        broker.wipe();
        broker.start();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            assertThat(admin.listTopics().names().get(10, TimeUnit.SECONDS)).isEmpty();
        }
    }

    @Test
    void answersNothingWhilePausedAndSendsClientsOfAnExtraListenerThroughItsProxy() throws Exception {
        KafkaBroker broker = broker(List.of(new KafkaBroker.Listener("LINK", listenerPort, advertisedPort)));
        broker.start();
        try (TcpProxy proxy = TcpProxy.open(advertisedPort, listenerPort)) {
            String throughProxy = "127.0.0.1:" + proxy.port();
            createTopic(throughProxy);
            broker.pause();
            CompletableFuture<Void> produced =
                    CompletableFuture.runAsync(() -> produce(throughProxy, "b".getBytes(StandardCharsets.UTF_8)));
            assertThatThrownBy(() -> produced.get(1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            assertThat(proxy.connections()).isPositive();

            broker.resume();

            assertThat(produced).succeedsWithin(Duration.ofMinutes(2));
            assertThat(consume(throughProxy, 1)).containsExactly(1);
        }
    }

    @Test
    void aBrokerThatEndsWhileStartingSaysWhy() {
        KafkaBroker broker = new KafkaBroker(new KafkaBroker.Settings(
                "test", directory, port, List.of(), Map.of("num.io.threads", "none"), List.of()));

        assertThatThrownBy(broker::start)
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("Kafka test was not ready")
                .hasMessageContaining("exit code 1")
                .hasMessageContaining("num.io.threads");

        assertThat(broker.isAlive()).isFalse();
    }

    @Test
    void saysSoWhenItsPortIsTaken() throws Exception {
        KafkaBroker broker = broker(List.of());
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(taken.isBound()).isTrue();

            assertThatThrownBy(broker::start)
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("Kafka test")
                    .hasMessageContaining("port " + port + " of 127.0.0.1 is in use");
        }

        assertThat(broker.isAlive()).isFalse();
    }

    private KafkaBroker broker(List<KafkaBroker.Listener> listeners) {
        KafkaBroker broker = new KafkaBroker(
                new KafkaBroker.Settings("test", directory.resolve("kafka"), port, listeners, Map.of(), List.of()));
        started.add(broker);
        return broker;
    }

    private static void createTopic(String bootstrap) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get(10, TimeUnit.SECONDS);
        }
    }

    private static void produce(String bootstrap, byte[]... values) {
        Map<String, Object> properties = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                2 * LARGE_BYTES);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (byte[] value : values) {
                producer.send(new ProducerRecord<>(TOPIC, value)).get(30, TimeUnit.SECONDS);
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The lengths of the first records. */
    private static List<Integer> consume(String bootstrap, int count) {
        List<Integer> lengths = new ArrayList<>();
        Map<String, Object> properties = Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(TOPIC, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
            while (lengths.size() < count && System.nanoTime() - deadline < 0) {
                for (ConsumerRecord<byte[], byte[]> polled : consumer.poll(Duration.ofMillis(100))) {
                    lengths.add(polled.value().length);
                }
            }
        }
        return lengths;
    }
}
