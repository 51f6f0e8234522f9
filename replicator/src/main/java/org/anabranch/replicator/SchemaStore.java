package org.anabranch.replicator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.SchemaRecord;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.anabranch.schemas.Topics;
import org.anabranch.schemas.UnreadableRecordException;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The table schemas of all origins, read from their schemas topics in the region's own cluster. Not thread-safe. */
final class SchemaStore implements TableSchemas {

    private static final Logger LOG = LoggerFactory.getLogger(SchemaStore.class);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration ASK_TIMEOUT = Duration.ofSeconds(10);

    private final String ownTopic;
    private final List<String> topics;
    private final RecordCodec codec;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<Long, TableSchema> schemas = new HashMap<>();
    private final Map<TableName, TableSchema> newest = new TreeMap<>();

    /**
     * @param reader for messages of Kafka's client: who reads
     * @param codec is told the Avro schemas of other versions
     */
    SchemaStore(String region, List<String> origins, Map<String, Object> kafka, String reader, RecordCodec codec) {
        this.codec = codec;
        ownTopic = Topics.schemas(region);
        topics = origins.stream().map(Topics::schemas).toList();
        consumer =
                new BoundedConsumer(KafkaSettings.consumer(kafka, "anabranch-" + region + "-" + reader + "-schemas"));
    }

    /**
     * Reads everything that stands in the topics now; blocks until then. Topics that are not there yet are passed over.
     *
     * @throws org.apache.kafka.common.KafkaException if the cluster does not answer
     */
    @Override
    public void refresh() {
        assignNewTopics();
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment(), ASK_TIMEOUT);
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            consumer.poll(POLL).forEach(this::learn);
        }
    }

    private void assignNewTopics() {
        Collection<TopicPartition> assigned = consumer.assignment();
        if (assigned.size() == topics.size()) {
            return;
        }
        List<TopicPartition> all = new ArrayList<>(assigned);
        List<TopicPartition> added = new ArrayList<>();
        for (String topic : topics) {
            TopicPartition partition = new TopicPartition(topic, 0);
            List<PartitionInfo> found = consumer.partitionsFor(topic, ASK_TIMEOUT);
            if (!assigned.contains(partition) && found != null && !found.isEmpty()) {
                added.add(partition);
            }
        }
        all.addAll(added);
        consumer.assign(all);
        consumer.seekToBeginning(added);
    }

    private void learn(ConsumerRecord<byte[], byte[]> read) {
        if (read.key() == null || read.value() == null) {
            return;
        }
        try {
            @Nullable SchemaRecord schema = SchemaRecord.decode(read.key(), read.value());
            switch (schema) {
                case SchemaRecord.OfTable(TableSchema table) -> {
                    schemas.put(table.fingerprint(), table);
                    if (!read.topic().equals(ownTopic)) {
                        newest.put(table.name(), table);
                    }
                }
                case SchemaRecord.OfAvro avro -> codec.learn(avro.schema());
                case null -> {} // of a kind that a later version will know
            }
        } catch (UnreadableRecordException | IllegalArgumentException e) {
            LOG.atError()
                    .addKeyValue("topic", read.topic())
                    .addKeyValue("offset", read.offset())
                    .setCause(e)
                    .log("a schema cannot be read and is passed over");
        }
    }

    @Override
    public @Nullable TableSchema schema(long fingerprint) {
        return schemas.get(fingerprint);
    }

    /** Of every table that another region writes, the schema that was published last. */
    Collection<TableSchema> newest() {
        return newest.values();
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
