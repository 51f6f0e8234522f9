package org.anabranch.replicator;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.Topics;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;

/**
 * Says from where the resolver reads, before Streams does: with offsets of its own choosing it would pass over what it finds
 * missing.
 */
final class ResolverStart {

    private static final int ANSWER_SECONDS_MAX = 10;

    private final ResolverSettings settings;

    ResolverStart(ResolverSettings settings) {
        this.settings = settings;
    }

    /**
     * Stores the beginning where nothing is stored yet. Blocks for a bounded time.
     *
     * @throws PartFailedException if what comes next is not in a topic any more
     * @throws IOException if the cluster does not answer, or a topic is not there yet
     */
    void prepare(Admin admin) throws IOException, PartFailedException, InterruptedException {
        try {
            List<TopicPartition> all = partitions(admin);
            Map<TopicPartition, OffsetAndMetadata> stored = admin.listConsumerGroupOffsets(settings.applicationId())
                    .partitionsToOffsetAndMetadata()
                    .get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
            Map<TopicPartition, Long> begins = OwnTopics.offsets(admin, all, OffsetSpec.earliest());
            Map<TopicPartition, Long> ends = OwnTopics.offsets(admin, all, OffsetSpec.latest());
            Map<TopicPartition, OffsetAndMetadata> first = new HashMap<>();
            for (TopicPartition partition : all) {
                OffsetAndMetadata next = stored.get(partition);
                if (next == null) {
                    first.put(partition, new OffsetAndMetadata(0));
                }
                refuseGap(
                        partition,
                        next == null ? 0 : next.offset(),
                        begins.getOrDefault(partition, 0L),
                        ends.getOrDefault(partition, 0L));
            }
            if (!first.isEmpty()) {
                admin.alterConsumerGroupOffsets(settings.applicationId(), first)
                        .all()
                        .get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
            }
        } catch (ExecutionException | TimeoutException e) {
            throw OwnTopics.unanswered(settings.kafka(), e);
        }
    }

    private List<TopicPartition> partitions(Admin admin)
            throws ExecutionException, TimeoutException, InterruptedException, PartFailedException {
        List<String> topics =
                new ArrayList<>(settings.origins().stream().map(Topics::changes).toList());
        topics.add(Topics.resolved(settings.region()));
        Map<String, TopicDescription> found =
                admin.describeTopics(topics).allTopicNames().get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        List<TopicPartition> all = new ArrayList<>();
        for (TopicDescription topic : found.values()) {
            for (TopicPartitionInfo partition : topic.partitions()) {
                all.add(new TopicPartition(topic.name(), partition.partition()));
            }
        }
        refuseDifferences(found.values());
        all.removeIf(partition -> partition.topic().equals(Topics.resolved(settings.region())));
        return all;
    }

    private void refuseDifferences(Collection<TopicDescription> topics) throws PartFailedException {
        List<String> counts = topics.stream()
                .map(topic -> topic.name() + " has " + topic.partitions().size())
                .sorted()
                .toList();
        if (topics.stream().map(topic -> topic.partitions().size()).distinct().count() > 1) {
            throw new PartFailedException("topics at " + KafkaSettings.place(settings.kafka())
                    + " differ in their numbers of partitions, and must not: " + String.join(", ", counts));
        }
    }

    private void refuseGap(TopicPartition partition, long next, long begin, long end) throws PartFailedException {
        if (next < begin || next > end) {
            throw new PartFailedException(partition.topic() + " partition " + partition.partition() + " at "
                    + KafkaSettings.place(settings.kafka()) + " holds offsets " + begin + " to " + end
                    + ", and the resolver needs it from " + next + ": "
                    + (next < begin
                            ? "offsets " + next + " to " + begin + " are gone"
                            : "it was made anew or truncated")
                    + ", and the tables have to be copied again");
        }
    }
}
