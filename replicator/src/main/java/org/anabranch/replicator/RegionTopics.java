package org.anabranch.replicator;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.Topics;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Makes the topics that a region needs in its own cluster; those that are there are looked at and left as they are. */
public final class RegionTopics {

    private static final int REPLICAS_MAX = 3;
    private static final int ANSWER_SECONDS_MAX = 10;
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(50);
    private static final int LOOKS_MAX = 200;
    private static final int SLACK_BYTES = 1 << 20;

    /** A topic as it has to be. */
    private record Wanted(String name, int partitions, boolean compacted, boolean resolved) {}

    private final List<Wanted> wanted = new ArrayList<>();
    private final String region;
    private final Map<String, Object> cluster;

    /**
     * @param region the region
     * @param writes whether its own changes are captured
     * @param receives the origins whose changes come here
     * @param others the regions whose status comes here
     * @param partitions of each changes topic, and of the resolved topic
     * @param cluster settings for clients of the region's own cluster
     */
    public RegionTopics(
            String region,
            boolean writes,
            List<String> receives,
            List<String> others,
            int partitions,
            Map<String, Object> cluster) {
        this.region = region;
        this.cluster = Map.copyOf(cluster);
        wanted.add(new Wanted(Topics.status(region), 1, true, false));
        others.forEach(other -> wanted.add(new Wanted(Topics.status(other), 1, true, false)));
        if (writes) {
            addOrigin(region, partitions);
            wanted.add(new Wanted(Topics.positions(region), 1, true, false));
        }
        if (!receives.isEmpty()) {
            receives.forEach(origin -> addOrigin(origin, partitions));
            wanted.add(new Wanted(Topics.resolved(region), partitions, false, true));
            wanted.add(new Wanted(Topics.quarantine(region), 1, false, true));
        }
    }

    private void addOrigin(String origin, int partitions) {
        wanted.add(new Wanted(Topics.changes(origin), partitions, false, false));
        wanted.add(new Wanted(Topics.schemas(origin), 1, true, false));
    }

    /**
     * Creates what is missing. Blocks for a bounded time; may be repeated.
     *
     * @throws IOException if the cluster does not answer; trying again helps when it is back
     * @throws PartFailedException if a topic has another number of partitions
     */
    public void ensure() throws IOException, PartFailedException, InterruptedException {
        try (Admin admin = admin()) {
            create(admin, missing(admin));
            List<Finding> others = otherPartitions(admin);
            if (!others.isEmpty()) {
                Finding first = others.getFirst();
                throw new PartFailedException(first.where() + " " + first.what() + "; " + first.fix());
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("Kafka at " + KafkaSettings.place(cluster) + " does not answer: " + message(e), e);
        }
    }

    /** What is wrong with the topics that are there, or that the cluster cannot be reached. Changes nothing. */
    public List<Finding> findings() throws InterruptedException {
        try (Admin admin = admin()) {
            return otherPartitions(admin);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            return List.of(Finding.unreachable(
                    "Kafka of " + region + " (" + KafkaSettings.place(cluster) + ")",
                    "does not answer: " + message(e),
                    "start it, or correct regions." + region + ".kafka"));
        }
    }

    private static String message(Exception e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private Admin admin() {
        Map<String, Object> settings = new HashMap<>(cluster);
        int answerMillisMax = (int) TimeUnit.SECONDS.toMillis(ANSWER_SECONDS_MAX);
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, answerMillisMax);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, answerMillisMax);
        return Admin.create(settings);
    }

    private List<Wanted> missing(Admin admin) throws ExecutionException, TimeoutException, InterruptedException {
        Set<String> there = admin.listTopics().names().get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        return wanted.stream().filter(topic -> !there.contains(topic.name())).toList();
    }

    private void create(Admin admin, List<Wanted> missing)
            throws ExecutionException, TimeoutException, InterruptedException {
        if (missing.isEmpty()) {
            return;
        }
        int brokers = admin.describeCluster()
                .nodes()
                .get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)
                .size();
        short replicas = (short) Math.min(REPLICAS_MAX, brokers);
        for (var created : admin.createTopics(
                        missing.stream().map(topic -> topic(topic, replicas)).toList())
                .values()
                .values()) {
            try {
                created.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) { // another node of the region was quicker
                    throw e;
                }
            }
        }
        awaitLeaders(admin, missing.stream().map(Wanted::name).toList());
    }

    /** Who writes to a topic before that has been seen to wait for two minutes. */
    private static void awaitLeaders(Admin admin, List<String> topics)
            throws ExecutionException, TimeoutException, InterruptedException {
        for (int looks = 0; !haveLeaders(admin, topics); looks++) {
            if (looks == LOOKS_MAX) {
                throw new TimeoutException("no leader yet for every partition of " + String.join(", ", topics));
            }
            Thread.sleep(LOOK_INTERVAL);
        }
    }

    private static boolean haveLeaders(Admin admin, List<String> topics)
            throws ExecutionException, TimeoutException, InterruptedException {
        try {
            return admin
                    .describeTopics(topics)
                    .allTopicNames()
                    .get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)
                    .values()
                    .stream()
                    .flatMap(topic -> topic.partitions().stream())
                    .allMatch(partition ->
                            partition.leader() != null && !partition.leader().isEmpty());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) { // not every broker has heard of it
                return false;
            }
            throw e;
        }
    }

    private static NewTopic topic(Wanted wanted, short replicas) {
        Map<String, String> configuration = new HashMap<>();
        configuration.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(recordBytesMax(wanted)));
        configuration.put(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                wanted.compacted() ? TopicConfig.CLEANUP_POLICY_COMPACT : TopicConfig.CLEANUP_POLICY_DELETE);
        if (replicas >= REPLICAS_MAX) {
            configuration.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "2");
        }
        return new NewTopic(wanted.name(), wanted.partitions(), replicas).configs(configuration);
    }

    /** The resolver packs records anew: what was just small enough before must not be too large after that. */
    private static int recordBytesMax(Wanted wanted) {
        return wanted.resolved() ? KafkaSettings.RECORD_BYTES_MAX + SLACK_BYTES : KafkaSettings.RECORD_BYTES_MAX;
    }

    private List<Finding> otherPartitions(Admin admin)
            throws ExecutionException, TimeoutException, InterruptedException {
        Set<String> there = admin.listTopics().names().get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        Map<String, TopicDescription> described = admin.describeTopics(wanted.stream()
                        .map(Wanted::name)
                        .filter(there::contains)
                        .toList())
                .allTopicNames()
                .get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        List<Finding> findings = new ArrayList<>();
        for (Wanted topic : wanted) {
            TopicDescription found = described.get(topic.name());
            if (found != null && found.partitions().size() != topic.partitions()) {
                findings.add(Finding.error(
                        "topic " + topic.name() + " at " + KafkaSettings.place(cluster),
                        "has " + found.partitions().size() + " partitions and not " + topic.partitions(),
                        "write partitions: " + found.partitions().size()
                                + ", or remove the topic if nothing was replicated yet"));
            }
        }
        return findings;
    }
}
