package org.anabranch.it;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.conflict.Stamp;
import org.anabranch.schemas.BundleWriter;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.EpochMarker;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.RecordKey;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.SchemaRecord;
import org.anabranch.schemas.Span;
import org.anabranch.schemas.TableSchema;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes what a capture of the hub would write, transaction by transaction. */
final class HubStream implements AutoCloseable {

    private static final int BUNDLE_BYTES = 400;

    private final String topic;
    private final String schemasTopic;
    private final int partitions;
    private final RecordCodec codec = new RecordCodec();
    private final List<BundleWriter> bundles = new ArrayList<>();

    /** By partition: up to where its records and the bundle that is open there hold everything. */
    private final Stamp[] written;

    private final Stamp[] bundled;
    private final KafkaProducer<byte[], byte[]> producer;
    private final List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
    private long hybridMicros = 1_000_000;
    private boolean keepSent = true;
    private boolean losing;
    private volatile Exception failure;

    HubStream(Map<String, Object> kafka, String topic, String schemasTopic, int partitions) {
        this.topic = topic;
        this.schemasTopic = schemasTopic;
        this.partitions = partitions;
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.put("max.request.size", 80 << 20);
        settings.put("buffer.memory", 128L << 20);
        settings.put("compression.type", "zstd");
        settings.put("linger.ms", 5);
        settings.put("batch.size", 256 << 10);
        written = new Stamp[partitions];
        Arrays.fill(written, new Stamp(0, EpochMarker.WHOLE, "hub"));
        bundled = written.clone();
        for (int partition = 0; partition < partitions; partition++) {
            bundles.add(new BundleWriter());
        }
        producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** For large volumes, which {@link #sendAgain} is not asked of. */
    void forgetWhatIsSent() {
        keepSent = false;
    }

    void publish(TableSchema schema) {
        SchemaRecord record = new SchemaRecord.OfTable(schema);
        produce(new ProducerRecord<>(schemasTopic, 0, record.key(), record.value()));
        flush();
    }

    /** As after the hub's clock was set. */
    void continueAt(Instant time) {
        hybridMicros = ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    Transaction begin() {
        hybridMicros += 10;
        return new Transaction(hybridMicros);
    }

    /** What {@link #begin} gave last. */
    long lastHybridMicros() {
        return hybridMicros;
    }

    /** As after a crash of capture. */
    void sendAgain(int lastRecords) {
        List.copyOf(sent.subList(Math.max(0, sent.size() - lastRecords), sent.size()))
                .forEach(this::produce);
        producer.flush();
    }

    /** A record of which a bit was turned on the way. */
    void damaged(int partition) {
        hybridMicros += 10;
        send(partition, new byte[] {1}, new Stamp(hybridMicros, EpochMarker.WHOLE, "hub"));
    }

    /** Until {@link #loseNoMore}, what is sent is acknowledged and then gone, as where a broker loses its disk's cache. */
    void lose() {
        losing = true;
    }

    void loseNoMore() {
        losing = false;
    }

    /** A record that no capture writes. */
    void raw(int partition, byte[] key, byte[] value) {
        produce(new ProducerRecord<>(topic, partition, key, value));
    }

    /** Bundles of every size up to some rows: what does not fit leaves with a marker. */
    private void add(int partition, byte[] key, Change change) {
        BundleWriter bundle = bundles.get(partition);
        bundle.add(key, change);
        bundled[partition] = change.stamp();
        if (bundle.sizeBytes() >= BUNDLE_BYTES) {
            flush(partition);
        }
    }

    private void flush(int partition) {
        BundleWriter bundle = bundles.get(partition);
        if (!bundle.isEmpty()) {
            send(partition, bundle.take(), bundled[partition]);
        }
    }

    private void send(int partition, byte[] value, Stamp end) {
        Stamp after = written[partition];
        Span span = new Span("hub", after.hybridMicros(), after.number(), end.hybridMicros(), end.number());
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, partition, null, value);
        record.headers().add(Span.HEADER, span.encode());
        written[partition] = end;
        if (losing) {
            return;
        }
        if (keepSent) {
            sent.add(record);
        }
        produce(record);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback takes the error
    private void produce(ProducerRecord<byte[], byte[]> record) {
        producer.send(record, (metadata, error) -> failure = error == null ? failure : error);
    }

    private void flush() {
        producer.flush();
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
    }

    @Override
    public void close() {
        producer.close();
    }

    /** One transaction of the hub. */
    final class Transaction {
        private final long hybrid;
        private int number;

        private Transaction(long hybrid) {
            this.hybrid = hybrid;
        }

        Transaction insert(TableSchema table, String... values) {
            return change(table, Operation.INSERT, null, Row.of(values));
        }

        Transaction update(TableSchema table, String... values) {
            return change(table, Operation.UPDATE, null, Row.of(values));
        }

        Transaction delete(TableSchema table, String... before) {
            return change(table, Operation.DELETE, Row.of(before), null);
        }

        /** As capture sends it: an update under the new key, then the delete of the old. */
        Transaction move(TableSchema table, Row before, Row after) {
            change(table, Operation.UPDATE, before, after);
            return change(table, Operation.DELETE, before, null);
        }

        Transaction truncate(TableSchema table) {
            byte[] key = new RecordKey(table.name(), List.of()).encode();
            Change change = new Change(
                    Operation.TRUNCATE, new Stamp(hybrid, number++, "hub"), hybrid, table.fingerprint(), null, null);
            for (int partition = 0; partition < partitions; partition++) {
                add(partition, key, change);
            }
            return this;
        }

        Transaction change(TableSchema table, Operation operation, Row before, Row after) {
            Row keyed = after == null ? before : after;
            List<String> values =
                    Arrays.stream(table.keyIndexes()).mapToObj(keyed::text).toList();
            return change(new RecordKey(table.name(), values).encode(), table, operation, before, after);
        }

        /** An insert under a key that is not the row's. */
        Transaction changeUnder(byte[] key, TableSchema table, Row after) {
            return change(key, table, Operation.INSERT, null, after);
        }

        private Transaction change(byte[] key, TableSchema table, Operation operation, Row before, Row after) {
            Stamp stamp = new Stamp(hybrid, number++, "hub");
            add(
                    Math.floorMod(Arrays.hashCode(key), partitions),
                    key,
                    new Change(operation, stamp, hybrid, table.fingerprint(), before, after));
            return this;
        }

        /** A marker in the middle. */
        Transaction mark() {
            marker(number - 1);
            return this;
        }

        long commit() {
            marker(EpochMarker.WHOLE);
            flush();
            return hybrid;
        }

        /** Without waiting for the acknowledgement. */
        void commitSoon() {
            marker(EpochMarker.WHOLE);
        }

        private void marker(int upTo) {
            byte[] value = codec.encode(new EpochMarker("hub", hybrid, upTo, hybrid, 0, false));
            for (int partition = 0; partition < partitions; partition++) {
                flush(partition);
                send(partition, value, new Stamp(hybrid, upTo, "hub"));
            }
        }
    }
}
