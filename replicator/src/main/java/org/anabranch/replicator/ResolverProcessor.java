package org.anabranch.replicator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.Topics;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** A {@link PartitionResolver} as Kafka Streams runs it. */
final class ResolverProcessor implements Processor<byte[], byte[], byte[], Routed> {

    static final String STORE = "rows";

    private static final Duration SWEEP = Duration.ofSeconds(1);
    private static final int ANSWER_SECONDS_MAX = 10;

    private final ResolverSettings settings;
    private final Map<String, String> originOfTopic = new HashMap<>();
    private final Map<String, Long> endsAtStart = new HashMap<>();
    private @Nullable Running running;

    /** What there is between its beginning and its end. */
    @SuppressWarnings("ArrayRecordComponent") // compared nowhere
    private record Running(
            ProcessorContext<byte[], Routed> context,
            ContestedTables tables,
            PartitionResolver resolver,
            byte[] generation) {}

    ResolverProcessor(ResolverSettings settings) {
        this.settings = settings;
        settings.origins().forEach(origin -> originOfTopic.put(Topics.changes(origin), origin));
    }

    @Override
    public void init(ProcessorContext<byte[], Routed> context) {
        int partition = context.taskId().partition();
        byte[] generation = Generation.encode(beginGeneration(partition));
        lookAtEnds(partition); // after that: what an earlier resolver answers from now on is passed over
        RecordCodec codec = new RecordCodec();
        ContestedTables tables = new ContestedTables(
                new SchemaStore(
                        settings.region(), settings.origins(), settings.kafka(), "resolver-" + partition, codec),
                settings.merges());
        PartitionResolver resolver =
                new PartitionResolver(settings.region(), settings.origins(), tables, store(context), codec);
        running = new Running(context, tables, resolver, generation);
        var unused = context.schedule(SWEEP, PunctuationType.WALL_CLOCK_TIME, now -> sweep(resolver));
    }

    private static void sweep(PartitionResolver resolver) {
        try {
            resolver.sweep();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Blocks until the record with which it begins is durable. */
    private long beginGeneration(int partition) {
        ProducerRecord<byte[], byte[]> begin =
                new ProducerRecord<>(Topics.resolved(settings.region()), partition, null, null);
        begin.headers().add(Generation.HEADER, Generation.BEGIN);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(KafkaSettings.producer(settings.kafka(), settings.applicationId() + "-begin"))) {
            return producer.send(begin)
                    .get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)
                    .offset();
        } catch (ExecutionException | TimeoutException e) {
            throw new UncheckedIOException(OwnTopics.unanswered(settings.kafka(), e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private void lookAtEnds(int partition) {
        List<TopicPartition> partitions = originOfTopic.keySet().stream()
                .map(topic -> new TopicPartition(topic, partition))
                .toList();
        try (Admin admin = OwnTopics.admin(settings.kafka())) {
            OwnTopics.offsets(admin, partitions, OffsetSpec.latest())
                    .forEach((topicPartition, end) -> endsAtStart.put(topicPartition.topic(), end));
        } catch (ExecutionException | TimeoutException e) {
            throw new UncheckedIOException(OwnTopics.unanswered(settings.kafka(), e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static RowStore store(ProcessorContext<byte[], Routed> context) {
        KeyValueStore<Bytes, byte[]> rows = context.getStateStore(STORE);
        return new RowStore() {
            @Override
            public byte @Nullable [] get(byte[] key) {
                return rows.get(Bytes.wrap(key));
            }

            @Override
            public void put(byte[] key, byte @Nullable [] value) {
                rows.put(Bytes.wrap(key), value);
            }

            @Override
            public void forEach(byte[] from, byte[] to, int max, BiConsumer<byte[], byte[]> action) {
                try (KeyValueIterator<Bytes, byte[]> found = rows.range(Bytes.wrap(from), Bytes.wrap(to))) {
                    for (int i = 0; i < max && found.hasNext(); i++) {
                        KeyValue<Bytes, byte[]> entry = found.next();
                        if (!entry.key.equals(Bytes.wrap(to))) {
                            action.accept(entry.key.get(), entry.value);
                        }
                    }
                }
            }
        };
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException("a record came before the processor began");
        }
        RecordMetadata from = now.context().recordMetadata().orElseThrow();
        String origin = originOfTopic.getOrDefault(from.topic(), "");
        boolean mayBeRepeat = from.offset() < endsAtStart.getOrDefault(from.topic(), 0L);
        byte[] value = record.value();
        if (value != null) {
            try {
                value = now.resolver().resolve(origin, value, mayBeRepeat);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        RecordHeaders headers = new RecordHeaders(record.headers());
        headers.add(Generation.HEADER, now.generation());
        now.context()
                .forward(record.withValue(new Routed(value, from.partition())).withHeaders(headers));
    }

    @Override
    public void close() {
        if (running != null) {
            running.tables().close();
        }
    }
}
