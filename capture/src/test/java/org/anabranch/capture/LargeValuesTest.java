package org.anabranch.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;

class LargeValuesTest {

    private static final int LENGTH = 10 * 1024 * 1024;
    private static final int ROOM_FOR = (int) (LargeValues.CHARS_MAX / LENGTH);

    private static final Schema ROW = SchemaBuilder.struct()
            .field("v", Schema.OPTIONAL_STRING_SCHEMA)
            .field("n", Schema.OPTIONAL_INT64_SCHEMA)
            .optional()
            .build();
    private static final Schema CHANGE =
            SchemaBuilder.struct().field("before", ROW).field("after", ROW).build();

    @Test
    void theReadingThreadWaitsOnceTheRoomIsFullAndGoesOnWhenChangesAreDealtWith() throws InterruptedException {
        AtomicInteger admitted = new AtomicInteger();
        try (LargeValues values = new LargeValues()) {
            Thread reading = reading(values, 2 * ROOM_FOR, admitted);
            await().atMost(Duration.ofMinutes(2)).until(() -> admitted.get() == ROOM_FOR);
            assertThat(reading.join(Duration.ofMillis(300))).isFalse();
            assertThat(admitted).hasValue(ROOM_FOR);

            values.release(change(LENGTH));
            await().atMost(Duration.ofMinutes(2)).until(() -> admitted.get() == ROOM_FOR + 1);

            values.release(change(5)); // was not counted
            assertThat(reading.join(Duration.ofMillis(300))).isFalse();
            assertThat(admitted).hasValue(ROOM_FOR + 1);

            for (int i = 0; i < 2 * ROOM_FOR; i++) {
                values.release(change(LENGTH));
            }
            assertThat(reading.join(Duration.ofSeconds(10))).isTrue();
        }
    }

    @Test
    void aValueLargerThanAllTheRoomGoesThroughAlone() {
        try (LargeValues values = new LargeValues()) {
            values.admit((int) LargeValues.CHARS_MAX + 1);
        }
    }

    @Test
    void theEndOfTheRunLetsTheReadingThreadGo() throws InterruptedException {
        AtomicInteger admitted = new AtomicInteger();
        LargeValues values = new LargeValues();
        Thread reading = reading(values, 2 * ROOM_FOR, admitted);
        await().atMost(Duration.ofMinutes(2)).until(() -> admitted.get() == ROOM_FOR);

        values.close();

        assertThat(reading.join(Duration.ofSeconds(10))).isTrue();
        assertThatThrownBy(() -> LargeValues.of(values.id())).isInstanceOf(IllegalStateException.class);
    }

    private static Thread reading(LargeValues values, int count, AtomicInteger admitted) {
        return Thread.ofPlatform().daemon().start(() -> {
            for (int i = 0; i < count; i++) {
                values.admit(LENGTH);
                admitted.incrementAndGet();
            }
        });
    }

    private static Struct change(int length) {
        return new Struct(CHANGE).put("after", new Struct(ROW).put("v", "x".repeat(length)));
    }
}
