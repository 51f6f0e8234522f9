package org.anabranch.node.region;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.anabranch.node.config.Region;
import org.anabranch.schemas.Bundle;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.EpochMarker;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.RecordKey;
import org.anabranch.schemas.SchemaRecord;
import org.anabranch.schemas.TableSchema;
import org.anabranch.schemas.Topics;
import org.anabranch.schemas.UnreadableRecordException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads changes out of a region's Kafka as they come, for people and scripts. Leaves no trace there. */
public final class ChangeTail implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(10);

    /** Takes the changes one by one. */
    public interface Listener {
        /**
         * @param key table and primary key
         * @param change the change
         * @param schema what its values mean; null for one whose schema is not to be had
         */
        void change(RecordKey key, Change change, @Nullable TableSchema schema);
    }

    private final Consumer<byte[], byte[]> changes;
    private final Consumer<byte[], byte[]> schemaRecords;
    private final Map<Long, TableSchema> schemas = new HashMap<>();
    private final RecordCodec codec = new RecordCodec();

    /**
     * @param origins the regions whose changes are read
     * @param fromBeginning whether to begin with the oldest change that Kafka still has, or with the next one
     * @throws TimeoutException if the region's Kafka does not answer
     */
    public ChangeTail(Region region, List<String> origins, boolean fromBeginning) throws TimeoutException {
        Map<String, Object> properties = new HashMap<>(KafkaProperties.of(region));
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) ANSWER_MAX.toMillis());
        properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) ANSWER_MAX.toMillis());
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        changes = consumer(properties);
        schemaRecords = consumer(properties);
        try {
            List<TopicPartition> partitions = origins.stream()
                    .flatMap(origin -> changes.partitionsFor(Topics.changes(origin)).stream())
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            changes.assign(partitions);
            if (fromBeginning) {
                changes.seekToBeginning(partitions);
            } else {
                changes.seekToEnd(partitions);
                partitions.forEach(changes::position); // seeks are lazy: from now on, not from the first poll on
            }
            List<TopicPartition> schemaPartitions = origins.stream()
                    .map(origin -> new TopicPartition(Topics.schemas(origin), 0))
                    .toList();
            schemaRecords.assign(schemaPartitions);
            schemaRecords.seekToBeginning(schemaPartitions);
        } catch (org.apache.kafka.common.errors.TimeoutException e) {
            close();
            TimeoutException timedOut = new TimeoutException("Kafka of region '" + region.name() + "' at "
                    + region.kafka().bootstrap() + " does not answer");
            timedOut.initCause(e);
            throw timedOut;
        }
    }

    private static Consumer<byte[], byte[]> consumer(Map<String, Object> properties) {
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * Hands changes on until it is told to stop.
     *
     * @throws UnreadableRecordException if a record is damaged
     */
    public void follow(BooleanSupplier goOn, Listener listener) throws UnreadableRecordException {
        while (goOn.getAsBoolean()) {
            for (ConsumerRecord<byte[], byte[]> record : changes.poll(POLL)) {
                switch (codec.decode(record.value())) {
                    case EpochMarker marker -> {
                        // says nothing about rows
                    }
                    case Bundle bundle -> handOn(bundle, goOn, listener);
                }
                if (!goOn.getAsBoolean()) {
                    return;
                }
            }
        }
    }

    private void handOn(Bundle bundle, BooleanSupplier goOn, Listener listener) throws UnreadableRecordException {
        for (Bundle.KeyedChange keyed : bundle.changes()) {
            if (!goOn.getAsBoolean()) {
                return;
            }
            listener.change(RecordKey.decode(keyed.key()), keyed.change(), schema(keyed.change()));
        }
    }

    private @Nullable TableSchema schema(Change change) throws UnreadableRecordException {
        long fingerprint = change.tableFingerprint();
        long deadline = System.nanoTime() + ANSWER_MAX.toNanos();
        while (!schemas.containsKey(fingerprint) && System.nanoTime() < deadline) {
            for (ConsumerRecord<byte[], byte[]> record : schemaRecords.poll(POLL)) {
                learn(record);
            }
        }
        return schemas.get(fingerprint);
    }

    private void learn(ConsumerRecord<byte[], byte[]> record) throws UnreadableRecordException {
        switch (SchemaRecord.decode(record.key(), record.value())) {
            case SchemaRecord.OfTable table -> schemas.put(table.schema().fingerprint(), table.schema());
            case SchemaRecord.OfAvro avro -> codec.learn(avro.schema());
            case null -> {
                // of a later version
            }
        }
    }

    @Override
    public void close() {
        changes.close();
        schemaRecords.close();
    }
}
