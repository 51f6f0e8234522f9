package org.anabranch.node.region;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.anabranch.schemas.RegionStatus.DiskStatus;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the region's brokers how much room their disks have. {@link #look} by one thread; the rest by any. */
final class BrokerDisks implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerDisks.class);

    private static final int ANSWER_SECONDS_MAX = 5;

    private final Admin admin;
    private volatile List<DiskStatus> disks = List.of();

    BrokerDisks(String region, Map<String, Object> kafka) {
        Map<String, Object> settings = new HashMap<>(kafka);
        int millis = (int) TimeUnit.SECONDS.toMillis(ANSWER_SECONDS_MAX);
        settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "anabranch-disks-" + region);
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
        admin = Admin.create(settings);
    }

    /** Blocks for a bounded time. Where nobody answers, what was said last stands. */
    void look() {
        try {
            List<Integer> brokers = admin.describeCluster().nodes().get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS).stream()
                    .map(Node::id)
                    .toList();
            List<DiskStatus> found = new ArrayList<>();
            admin.describeLogDirs(brokers)
                    .allDescriptions()
                    .get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)
                    .forEach((broker, directories) ->
                            directories.forEach((path, directory) -> add(found, broker, path, directory)));
            disks = List.copyOf(found);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            LOG.debug("Brokers do not say how much room they have error={}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void add(List<DiskStatus> found, int broker, String path, LogDirDescription directory) {
        OptionalLong usable = directory.usableBytes();
        OptionalLong total = directory.totalBytes();
        if (usable.isPresent() && total.isPresent()) {
            found.add(new DiskStatus("Kafka broker " + broker + " " + path, usable.getAsLong(), total.getAsLong()));
        }
    }

    List<DiskStatus> disks() {
        return disks;
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}
