package org.anabranch.capture;

import io.debezium.schema.SchemaTopicNamingStrategy;
import io.debezium.spi.schema.DataCollectionId;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;

/** Debezium's names of topics, which it puts together for every event again: a twentieth of what its reading thread does. */
public final class RememberedTopics extends SchemaTopicNamingStrategy {

    private final Map<DataCollectionId, String> names = new ConcurrentHashMap<>();

    public RememberedTopics(Properties properties) {
        super(properties);
    }

    @Override
    public String dataChangeTopic(DataCollectionId table) {
        return names.computeIfAbsent(table, super::dataChangeTopic);
    }
}
