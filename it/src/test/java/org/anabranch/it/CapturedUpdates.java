package org.anabranch.it;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.anabranch.conflict.Stamp;
import org.anabranch.schemas.Bundle;
import org.anabranch.schemas.Bundle.KeyedChange;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.RecordKey;
import org.anabranch.schemas.Topics;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Counts what stands in a changes topic. */
final class CapturedUpdates {

    private CapturedUpdates() {}

    /** Of a table's updates each once, however often it was repeated. */
    static Set<Stamp> of(String bootstrap, String origin, String table) throws Exception {
        Set<Stamp> stamps = new HashSet<>();
        RecordCodec codec = new RecordCodec();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> all = consumer.partitionsFor(Topics.changes(origin)).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (all.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<byte[], byte[]> read : consumer.poll(Duration.ofMillis(100))) {
                    if (codec.decode(read.value()) instanceof Bundle bundle) {
                        bundle.changes().stream()
                                .filter(keyed -> isUpdate(keyed, table))
                                .forEach(keyed -> stamps.add(keyed.change().stamp()));
                    }
                }
            }
        }
        return stamps;
    }

    private static boolean isUpdate(KeyedChange keyed, String table) {
        return keyed.change().operation() == Operation.UPDATE
                && RecordKey.decode(keyed.key()).table().table().equals(table);
    }
}
