package org.anabranch.replicator;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a link needs to know.
 *
 * @param pipeline names the consumer group
 * @param region the region that receives, and in which the link runs
 * @param peer the region whose cluster is read
 * @param origins the regions whose changes come this way; may be empty, then only statuses come
 * @param statuses the regions whose status comes this way, the peer's among them
 * @param from settings for clients of the peer's cluster; never printed
 * @param to settings for clients of the own cluster; never printed
 * @param partitions how many partitions each changes topic has, in both clusters
 * @param maxClockSkew changes whose stamps are further ahead of the clock here are not taken yet; null for no bound
 */
public record LinkSettings(
        String pipeline,
        String region,
        String peer,
        List<String> origins,
        List<String> statuses,
        Map<String, Object> from,
        Map<String, Object> to,
        int partitions,
        @Nullable Duration maxClockSkew) {

    public LinkSettings {
        origins = List.copyOf(origins);
        statuses = List.copyOf(statuses);
        from = Map.copyOf(from);
        to = Map.copyOf(to);
    }

    String groupId() {
        return "anabranch-" + pipeline + "-" + region + "-link-from-" + peer;
    }

    @Override
    public String toString() {
        return "LinkSettings[pipeline=" + pipeline + ", region=" + region + ", peer=" + peer + ", origins=" + origins
                + "]";
    }
}
