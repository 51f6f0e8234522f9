package org.anabranch.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.debezium.connector.base.ChangeEventQueue;
import io.debezium.connector.base.DefaultQueueProvider;
import io.debezium.connector.base.QueueProvider;
import io.debezium.pipeline.Sizeable;
import io.debezium.util.LoggingContext;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PatientQueueTest {

    private static final int POLLS = 100;
    private static final Map<String, Object> SETTINGS = Map.of("max.queue.size", "100");

    /** Counts how often it is asked whether anything is there. */
    private static final class Counting<T extends Sizeable> implements QueueProvider<T> {
        private final QueueProvider<T> queue;
        private final AtomicLong looks = new AtomicLong();

        Counting(QueueProvider<T> queue) {
            this.queue = queue;
            queue.configure(SETTINGS);
        }

        @Override
        public String name() {
            return queue.name();
        }

        @Override
        public void configure(Map<String, ?> settings) {
            queue.configure(settings);
        }

        @Override
        public void enqueue(T event) throws InterruptedException {
            queue.enqueue(event);
        }

        @Override
        public T poll() throws InterruptedException {
            return queue.poll();
        }

        @Override
        public int size() {
            looks.incrementAndGet();
            return queue.size();
        }
    }

    @Test
    void pollingWithNothingToComeDoesNotSpin() throws Exception {
        assertThat(looksOf(new PatientQueue<>())).isLessThan(20);
    }

    /** Should this fail, the patience is no longer needed. */
    @Test
    void debeziumsOwnQueueLetsPollingSpin() throws Exception {
        assertThat(looksOf(new DefaultQueueProvider<>())).isGreaterThan(50);
    }

    @Test
    void eventsComeOutInTheirOrder() throws Exception {
        ChangeEventQueue<Sizeable> queue = queue(new Counting<>(new PatientQueue<>()));
        Sizeable first = () -> 1;
        Sizeable second = () -> 2;
        queue.enqueue(first);
        queue.enqueue(second);

        assertThat(queue.poll()).containsExactly(first, second);
        assertThat(queue.poll()).isEmpty();
    }

    /** In a poll, on average. */
    private static long looksOf(QueueProvider<Sizeable> provider) throws Exception {
        Counting<Sizeable> counting = new Counting<>(provider);
        ChangeEventQueue<Sizeable> queue = queue(counting);
        Thread writer = Thread.ofPlatform().start(() -> {
            try {
                queue.enqueue(() -> 1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        writer.join();
        assertThat(queue.poll()).hasSize(1);
        counting.looks.set(0);
        for (int i = 0; i < POLLS; i++) {
            assertThat(queue.poll()).isEmpty();
        }
        return counting.looks.get() / POLLS;
    }

    private static ChangeEventQueue<Sizeable> queue(QueueProvider<Sizeable> provider) {
        return new ChangeEventQueue.Builder<Sizeable>()
                .pollInterval(Duration.ofMillis(5))
                .maxQueueSize(100)
                .maxBatchSize(50)
                .loggingContextSupplier(() -> LoggingContext.forConnector("test", "test", "test"))
                .queueProvider(provider)
                .build();
    }
}
