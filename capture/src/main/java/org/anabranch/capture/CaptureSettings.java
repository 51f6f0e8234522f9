package org.anabranch.capture;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.anabranch.schemas.TableName;

/**
 * What a capture needs to know.
 *
 * @param pipeline names the slot and the publication
 * @param region the region whose database is read, and the origin of its changes
 * @param database how to reach it
 * @param kafka properties of the region's own cluster: bootstrap.servers, and security where there is any
 * @param partitions of the changes topic
 * @param tables which tables are replicated
 * @param heartbeat how often the heartbeat row is written; an idle region's replicated-until is never older
 * @param contested whether a table has several writers
 */
public record CaptureSettings(
        String pipeline,
        String region,
        DatabaseSettings database,
        Map<String, Object> kafka,
        int partitions,
        List<TablePattern> tables,
        Duration heartbeat,
        Predicate<TableName> contested) {

    public CaptureSettings {
        kafka = Map.copyOf(kafka);
        tables = List.copyOf(tables);
    }

    /** What is looked at before anything is touched. */
    public SourceCheck.Settings check() {
        return new SourceCheck.Settings(
                region, database, slotName(), slotName(), tables, HeartbeatTable.PREPARATION, contested);
    }

    /** Without the settings for Kafka, which may hold secrets. */
    @Override
    public String toString() {
        return "CaptureSettings[pipeline=" + pipeline + ", region=" + region + ", database=" + database + "]";
    }

    /** The slot's name, and the publication's. */
    public String slotName() {
        return "anabranch_" + pipeline;
    }
}
