package org.anabranch.capture;

import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.SchemaRecord;
import org.anabranch.schemas.TableSchema;
import org.anabranch.schemas.Topics;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes to the schemas topic, and waits: a schema is safe before the first change that needs it is sent. */
final class SchemaPublisher implements AutoCloseable {

    private static final long WAIT_SECONDS_MAX = 30;

    private final String topic;
    private final Producer<byte[], byte[]> producer;

    SchemaPublisher(CaptureSettings settings) {
        topic = Topics.schemas(settings.region());
        Map<String, Object> properties = new java.util.HashMap<>(settings.kafka());
        properties.put(ProducerConfig.CLIENT_ID_CONFIG, "anabranch-schemas-" + settings.region());
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, TimeUnit.SECONDS.toMillis(WAIT_SECONDS_MAX));
        producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** The Avro schemas that this version writes. */
    void publishRecordSchemas() throws InterruptedException, TimeoutException, ExecutionException {
        for (var written : RecordCodec.written().entrySet()) {
            publish(new SchemaRecord.OfAvro(written.getKey(), written.getValue()));
        }
    }

    void publish(TableSchema schema) throws InterruptedException, TimeoutException, ExecutionException {
        publish(new SchemaRecord.OfTable(schema));
    }

    private void publish(SchemaRecord record) throws InterruptedException, TimeoutException, ExecutionException {
        producer.send(new ProducerRecord<>(topic, 0, record.key(), record.value()))
                .get(WAIT_SECONDS_MAX, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        producer.close(java.time.Duration.ZERO);
    }
}
