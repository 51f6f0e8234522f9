package org.anabranch.replicator;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a resolver needs to know.
 *
 * @param pipeline names the Streams application
 * @param region the region whose resolved topic is written
 * @param origins the regions whose changes are read, the region itself among them where it writes tables with others
 * @param kafka settings for clients of the region's own cluster; never printed
 * @param stateDirectory where Streams may keep files; they can be lost
 * @param merges how tables with several writers are merged
 */
public record ResolverSettings(
        String pipeline,
        String region,
        List<String> origins,
        Map<String, Object> kafka,
        Path stateDirectory,
        MergeRules merges) {

    public ResolverSettings {
        origins = List.copyOf(origins);
        kafka = Map.copyOf(kafka);
    }

    String applicationId() {
        return "anabranch-" + pipeline + "-" + region + "-resolver";
    }

    @Override
    public String toString() {
        return "ResolverSettings[pipeline=" + pipeline + ", region=" + region + ", origins=" + origins + "]";
    }
}
