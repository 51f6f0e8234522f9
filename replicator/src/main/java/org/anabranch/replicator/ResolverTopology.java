package org.anabranch.replicator;

import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.anabranch.schemas.Topics;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/** The resolver as Kafka Streams runs it. Only this file and {@link Resolver} know Streams. */
final class ResolverTopology {

    /** After a crash so much is resolved once more; each commit makes the broker work, also where nothing happens. */
    private static final int COMMIT_MILLIS = 1_000;

    private static final int LINGER_MILLIS = 2;

    /** With several writers each row is a record of its own in the store's changelog: brokers are busy with requests, not with bytes. */
    private static final int LINGER_MERGING_MILLIS = 10;

    private static final int BUFFERED_RECORDS_MAX = 32;

    /** A member that is killed and comes back under its name gets its partitions at once; another one after this long. */
    private static final int SESSION_MILLIS = 10_000;

    /** Where a region has more than one node, another one keeps up with each store, and goes on without reading all of it first. */
    private static final int STANDBYS = 1;

    private ResolverTopology() {}

    static Topology of(ResolverSettings settings) {
        String[] changes = settings.origins().stream().map(Topics::changes).toArray(String[]::new);
        Topology topology =
                new Topology().addSource("changes", new ByteArrayDeserializer(), new ByteArrayDeserializer(), changes);
        if (settings.merges().equals(MergeRules.NONE)) {
            topology.addProcessor("resolve", PassThrough::new, "changes");
        } else {
            topology.addProcessor("resolve", () -> new ResolverProcessor(settings), "changes")
                    .addStateStore(
                            Stores.keyValueStoreBuilder(
                                            Stores.persistentKeyValueStore(ResolverProcessor.STORE),
                                            Serdes.Bytes(),
                                            Serdes.ByteArray())
                                    .withLoggingEnabled(Map.of()),
                            "resolve");
        }
        return topology.addSink(
                Topics.resolved(settings.region()),
                Topics.resolved(settings.region()),
                new ByteArraySerializer(),
                (Serializer<Routed>) (topic, routed) -> routed.value(),
                (String topic, byte[] key, Routed routed, int partitions) -> Optional.of(Set.of(routed.partition())),
                "resolve");
    }

    /** Tables with one writer: nothing to merge. */
    private static final class PassThrough implements Processor<byte[], byte[], byte[], Routed> {

        private @Nullable ProcessorContext<byte[], Routed> context;

        @Override
        public void init(ProcessorContext<byte[], Routed> initialContext) {
            context = initialContext;
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            if (context != null) {
                int partition = context.recordMetadata().orElseThrow().partition();
                context.forward(record.withValue(new Routed(record.value(), partition)));
            }
        }
    }

    /** Streams makes its clients as ever, but for the bound on what a poll brings. */
    static KafkaClientSupplier clients() {
        return new KafkaClientSupplier() {
            @Override
            public Admin getAdmin(Map<String, Object> config) {
                return Admin.create(config);
            }

            @Override
            public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
                return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
            }

            @Override
            public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
                return new BoundedConsumer(config);
            }

            @Override
            public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
                return new BoundedConsumer(config);
            }

            @Override
            public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
                return new BoundedConsumer(config);
            }
        };
    }

    /** @param nodeName of this one of the region's nodes */
    static Properties properties(ResolverSettings settings, String nodeName) {
        Properties properties = new Properties();
        properties.putAll(settings.kafka());
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.applicationId());
        properties.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDirectory().toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_MILLIS);
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        properties.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        properties.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, ResolverRocks.class);
        KafkaSettings.durable().forEach((name, value) -> properties.put(StreamsConfig.producerPrefix(name), value));
        boolean merges = !settings.merges().equals(MergeRules.NONE);
        properties.put(StreamsConfig.producerPrefix("linger.ms"), merges ? LINGER_MERGING_MILLIS : LINGER_MILLIS);
        properties.put(StreamsConfig.producerPrefix("compression.type"), "lz4"); // read once, by a neighbour
        properties.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, BUFFERED_RECORDS_MAX);
        properties.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, STANDBYS);
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), nodeName);
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), SESSION_MILLIS);
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "none");
        return properties;
    }
}
