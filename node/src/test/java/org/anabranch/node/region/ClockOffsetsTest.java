package org.anabranch.node.region;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The bound is never less than the truth, and comes close to it. */
class ClockOffsetsTest {

    private long trueMicros = 1_700_000_000_000_000L;
    private long aheadMicros;
    private final ClockOffsets offsets = new ClockOffsets(
            () -> Instant.ofEpochMilli((trueMicros + aheadMicros) / 1_000),
            () -> TimeUnit.MICROSECONDS.toNanos(trueMicros));

    private void hear(long peerAheadMicros, long delayMicros) {
        long written = trueMicros + peerAheadMicros;
        trueMicros += delayMicros;
        offsets.heard("us", written);
    }

    private long bound() {
        return offsets.aheadMicros("us").orElseThrow();
    }

    @Test
    void nothingIsKnownOfWhoWasNeverHeard() {
        assertThat(offsets.aheadMicros("us")).isEmpty();
    }

    @Test
    void theBoundIsNeverLessThanTheTruthWhateverTheDelays() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            aheadMicros = random.nextLong(-5_000_000, 5_000_000);
            offsets.heard("us", trueMicros); // the clock was set: begins anew
            long peerAhead = random.nextLong(-5_000_000, 5_000_000);
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 50; i++) {
                long delay = 1_000 + random.nextLong(random.nextInt(10) == 0 ? 900_000 : 30_000);
                trueMicros += 100_000;
                if (i == 0) {
                    trueMicros += 60_000_000; // what was heard before is too old
                }
                hear(peerAhead, delay);
                least = Math.min(least, delay);
            }
            assertThat(bound())
                    .as("seed %s", seed)
                    .isBetween(aheadMicros - peerAhead - 1_000, aheadMicros - peerAhead + least + 1_000);
        }
    }

    @Test
    void aClockThatWasSetIsMeasuredAnew() {
        hear(0, 5_000);
        aheadMicros = 3_000_000;
        trueMicros += 1_000_000;
        hear(0, 40_000);

        assertThat(bound()).isBetween(3_000_000L, 3_041_000L);
    }

    @Test
    void whatWasMeasuredLongAgoGivesWayToWhatComesNow() {
        hear(0, 1_000);
        trueMicros += 31_000_000;
        hear(0, 20_000);

        assertThat(bound()).isBetween(19_000L, 21_000L);
    }
}
