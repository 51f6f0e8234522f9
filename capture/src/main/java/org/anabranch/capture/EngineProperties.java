package org.anabranch.capture;

import java.util.Collection;
import java.util.Properties;
import java.util.stream.Collectors;
import org.anabranch.schemas.TableName;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;

/**
 * Debezium's configuration. It keeps no offsets of its own: it starts at the slot's confirmed position, which PostgreSQL
 * holds to be the end of a transaction, and so never has to search for its place within one (where events of one COPY can
 * share a position, and some have been skipped).
 */
final class EngineProperties {

    /** Of events between Debezium's reading thread and ours; {@link LargeValues} bounds what large ones hold. */
    private static final int QUEUE_EVENTS_MAX = 16_384;

    private static final int BATCH_EVENTS_MAX = 4_096;
    private static final int POLL_INTERVAL_MILLIS = 5;

    private EngineProperties() {}

    static Properties of(CaptureSettings settings, Collection<TableName> tables, String runId) {
        Properties properties = new Properties();
        properties.setProperty("name", "anabranch-" + settings.pipeline() + "-" + settings.region());
        properties.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        properties.setProperty("topic.prefix", settings.region());
        properties.setProperty("offset.storage", MemoryOffsetBackingStore.class.getName());
        properties.setProperty("offset.flush.interval.ms", "0");
        database(properties, settings);
        stream(properties, settings);
        properties.setProperty(
                "table.include.list",
                tables.stream().map(EngineProperties::pattern).collect(Collectors.joining(",")));
        values(properties, runId);
        properties.setProperty("max.batch.size", Integer.toString(BATCH_EVENTS_MAX));
        properties.setProperty("max.queue.size", Integer.toString(QUEUE_EVENTS_MAX));
        properties.setProperty("poll.interval.ms", Integer.toString(POLL_INTERVAL_MILLIS));
        properties.setProperty("queue.provider.type", PatientQueue.NAME);
        // A fault ends the engine, and the supervisor starts a new one from the slot; its own retries would go on from
        // offsets in memory.
        properties.setProperty("errors.max.retries", "0");
        properties.setProperty("record.processing.threads", "1");
        return properties;
    }

    private static void database(Properties properties, CaptureSettings settings) {
        DatabaseSettings database = settings.database();
        properties.setProperty("database.hostname", database.host());
        properties.setProperty("database.port", Integer.toString(database.port()));
        properties.setProperty("database.dbname", database.database());
        properties.setProperty("database.user", database.user());
        properties.setProperty("database.password", database.password());
        properties.setProperty("driver.options", Sessions.DRIVER_OPTIONS);
        properties.setProperty("driver.ApplicationName", "anabranch capture " + settings.region());
        properties.setProperty("driver.tcpKeepAlive", "true");
    }

    private static void stream(Properties properties, CaptureSettings settings) {
        properties.setProperty("plugin.name", "pgoutput");
        properties.setProperty("slot.name", settings.slotName());
        properties.setProperty("slot.max.retries", "0");
        properties.setProperty("slot.stream.params", "origin=none");
        properties.setProperty("publication.name", settings.slotName());
        properties.setProperty("publication.autocreate.mode", "disabled");
        properties.setProperty("lsn.flush.mode", "connector");
        properties.setProperty("snapshot.mode", "custom");
        properties.setProperty("snapshot.mode.custom.name", StreamOnlySnapshotter.NAME);
        properties.setProperty("skipped.operations", "none");
        properties.setProperty("tombstones.on.delete", "false");
        properties.setProperty("topic.naming.strategy", RememberedTopics.class.getName());
        // A commit reaches us as a heartbeat that carries the commit's position; without one, the end of a transaction
        // would show only when the next one begins.
        properties.setProperty("heartbeat.interval.ms", "1");
    }

    private static void values(Properties properties, String runId) {
        properties.setProperty("include.unknown.datatypes", "true");
        properties.setProperty("converters", "text");
        properties.setProperty("text.type", TextConverter.class.getName());
        properties.setProperty("text." + TextConverter.RUN, runId);
    }

    /** Matches just this table. Debezium splits the list at commas, so those too are written as escapes. */
    private static String pattern(TableName table) {
        return literal(table.schema()) + "\\." + literal(table.table());
    }

    private static String literal(String text) {
        return text.codePoints()
                .mapToObj(
                        c -> Character.isLetterOrDigit(c) || c == '_' ? Character.toString(c) : "\\x{%x}".formatted(c))
                .collect(Collectors.joining());
    }
}
