package org.anabranch.replicator;

import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** Asks a cluster for the bounds of its topics. Blocks for a bounded time. */
final class OwnTopics {

    private static final int ANSWER_SECONDS_MAX = 10;

    private OwnTopics() {}

    static Admin admin(Map<String, Object> cluster) {
        Map<String, Object> settings = new HashMap<>(cluster);
        int millis = (int) TimeUnit.SECONDS.toMillis(ANSWER_SECONDS_MAX);
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
        return Admin.create(settings);
    }

    /** @throws IOException if the cluster does not answer, or has no such topic */
    static Map<TopicPartition, Long> ends(Map<String, Object> cluster, Collection<TopicPartition> partitions)
            throws IOException {
        try (Admin admin = admin(cluster)) {
            return offsets(admin, partitions, OffsetSpec.latest());
        } catch (ExecutionException | TimeoutException e) {
            throw unanswered(cluster, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    static Map<TopicPartition, Long> offsets(Admin admin, Collection<TopicPartition> partitions, OffsetSpec spec)
            throws ExecutionException, TimeoutException, InterruptedException {
        Map<TopicPartition, ListOffsetsResultInfo> found = admin.listOffsets(
                        partitions.stream().collect(Collectors.toMap(p -> p, p -> spec)))
                .all()
                .get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        return found.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue()
                .offset()));
    }

    static IOException unanswered(Map<String, Object> cluster, Exception e) {
        Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
        return new IOException("Kafka at " + KafkaSettings.place(cluster) + " does not answer: " + cause, e);
    }
}
