package org.anabranch.replicator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.Topics;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** Reads the resolved topic from where the database says, and nowhere else. Not thread-safe. */
final class ResolvedReader implements AutoCloseable {

    private static final Duration ASK_TIMEOUT = Duration.ofSeconds(5);

    private final String topic;
    private final String place;
    private final List<TopicPartition> partitions;
    private final KafkaConsumer<byte[], byte[]> consumer;

    ResolvedReader(ApplierSettings settings) {
        topic = Topics.resolved(settings.region());
        place = KafkaSettings.place(settings.kafka());
        partitions = IntStream.range(0, settings.partitions())
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        consumer = new BoundedConsumer(
                KafkaSettings.consumer(settings.kafka(), "anabranch-" + settings.region() + "-applier"));
    }

    /**
     * Goes to the stored offsets, or to the beginning where none are.
     *
     * @throws PartFailedException if what is needed is not in the topic any more
     * @throws KafkaException if the cluster does not answer or has no such topic yet
     */
    void start(List<Long> nextOffsets) throws PartFailedException {
        List<PartitionInfo> found = consumer.partitionsFor(topic, ASK_TIMEOUT);
        if (found == null || found.isEmpty()) {
            throw new KafkaException("the topic " + topic + " is not there yet in the cluster at " + place);
        }
        if (found.size() != partitions.size()) {
            throw new PartFailedException("the topic " + topic + " in the cluster at " + place + " has " + found.size()
                    + " partitions, and the configuration says " + partitions.size());
        }
        consumer.assign(partitions);
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions, ASK_TIMEOUT);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, ASK_TIMEOUT);
        for (TopicPartition partition : partitions) {
            long next = nextOffsets.isEmpty() ? 0 : nextOffsets.get(partition.partition());
            seek(partition, next, begins.getOrDefault(partition, 0L), ends.getOrDefault(partition, 0L));
        }
    }

    private void seek(TopicPartition partition, long next, long begin, long end) throws PartFailedException {
        if (next < begin || next > end) {
            throw new PartFailedException("the next change to be applied is at offset " + next + " of " + partition
                    + " in the cluster at " + place + ", which holds offsets " + begin + " to " + end + ": "
                    + (next < begin
                            ? "offsets " + next + " to " + begin + " are lost"
                            : "the topic was cut or made anew")
                    + "; the tables of this region must be copied anew");
        }
        consumer.seek(partition, next);
    }

    /** @throws PartFailedException if offsets are gone from the topic */
    ConsumerRecords<byte[], byte[]> poll(Duration timeout) throws PartFailedException {
        try {
            return consumer.poll(timeout);
        } catch (OffsetOutOfRangeException e) {
            throw new PartFailedException(
                    "offsets " + e.offsetOutOfRangePartitions() + " of " + topic + " in the cluster at " + place
                            + " are lost; the tables of this region must be copied anew",
                    e);
        }
    }

    void readOnly(IntPredicate toBeRead) {
        List<TopicPartition> paused = new ArrayList<>();
        List<TopicPartition> resumed = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            (toBeRead.test(partition.partition()) ? resumed : paused).add(partition);
        }
        if (paused.size() + consumer.paused().size() > 0) {
            consumer.pause(paused);
            consumer.resume(resumed);
        }
    }

    /** @throws KafkaException if the cluster does not answer */
    void ask() {
        consumer.endOffsets(partitions, ASK_TIMEOUT);
    }

    String place() {
        return place;
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
