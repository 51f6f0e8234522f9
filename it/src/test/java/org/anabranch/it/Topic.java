package org.anabranch.it;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads and damages topics. */
final class Topic {

    private Topic() {}

    /** Everything that stands in a topic, partition by partition in order, as "partition: key = value" in hexadecimal. */
    static List<List<String>> contents(Map<String, Object> kafka, String topic, int partitions) {
        List<List<String>> contents = new ArrayList<>();
        IntStream.range(0, partitions).forEach(partition -> contents.add(new ArrayList<>()));
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(new HashMap<>(kafka), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> all = partitions(topic, partitions);
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (all.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<byte[], byte[]> read : consumer.poll(Duration.ofMillis(100))) {
                    contents.get(read.partition()).add(hex(read.key()) + " = " + hex(read.value()));
                }
            }
        }
        return contents;
    }

    static List<TopicPartition> partitions(String topic, int partitions) {
        return IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
    }

    /** A producer that asks for a new topic too early has been seen to wait for a partition for two minutes. */
    static void awaitLeaders(Admin admin, List<String> topics) {
        await().atMost(Tables.PATIENCE)
                .ignoreExceptions()
                .until(() -> admin.describeTopics(topics).allTopicNames().get().values().stream()
                        .flatMap(topic -> topic.partitions().stream())
                        .allMatch(partition -> partition.leader() != null
                                && !partition.leader().isEmpty()));
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? "null" : HexFormat.of().formatHex(bytes); // markers have no key
    }

    /** As retention would. */
    static void loseBefore(Map<String, Object> kafka, TopicPartition partition, long offset) throws Exception {
        try (Admin admin = Admin.create(kafka)) {
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(offset)))
                    .all()
                    .get();
        }
    }

    static void delete(Map<String, Object> kafka, String topic) throws Exception {
        try (Admin admin = Admin.create(kafka)) {
            admin.deleteTopics(List.of(topic)).all().get();
        }
    }

    /** A list without what is in it for a second time. */
    static List<List<String>> withoutRepeats(List<List<String>> contents) {
        return contents.stream()
                .map(partition -> partition.stream().distinct().toList())
                .toList();
    }
}
