package org.anabranch.replicator;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * A consumer of which one poll brings a bounded number of bytes, or one record if that is larger. Kafka bounds what is
 * fetched, which is compressed, and how many records a poll brings; with rows of 10 MB that compress well, that is more than
 * a heap holds.
 *
 * <p>The bound works by refusing to deserialize a record that is too much: the poll then ends with what it has, and the
 * consumer tries the same record again in the next one. The first record of a poll is never refused, so no poll fails.
 */
final class BoundedConsumer extends KafkaConsumer<byte[], byte[]> {

    private static final int POLL_BYTES_MAX = 8 << 20;
    private static final int POLL_RECORDS_MAX = 1_000;

    private final Budget budget;

    BoundedConsumer(Map<String, Object> settings) {
        this(settings, new Budget());
    }

    private BoundedConsumer(Map<String, Object> settings, Budget budget) {
        super(manyRecords(settings), new ByteArrayDeserializer(), budget);
        this.budget = budget;
    }

    private static Map<String, Object> manyRecords(Map<String, Object> settings) {
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS_MAX);
        return settings;
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        budget.usedBytes = 0;
        return super.poll(timeout);
    }

    /** Used on the polling thread only, as consumers are. */
    private static final class Budget implements Deserializer<byte @Nullable []> {
        private int usedBytes;

        @Override
        public byte @Nullable [] deserialize(String topic, byte @Nullable [] data) {
            if (data == null) {
                return null;
            }
            if (usedBytes > 0 && usedBytes + data.length > POLL_BYTES_MAX) {
                throw new SerializationException("the next record is for the next poll");
            }
            usedBytes += data.length;
            return data;
        }

        /** Kafka logs this, as an error, whenever a poll ends early. */
        @Override
        public String toString() {
            return "no error: large records come in more than one poll";
        }
    }
}
