package org.anabranch.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HybridClockTest {

    @Test
    void itIsTheCommitTimeWhereThatGrows() {
        HybridClock clock = new HybridClock(0);

        assertThat(clock.next(1_000)).isEqualTo(1_000);
        assertThat(clock.next(1_500)).isEqualTo(1_500);
    }

    @Test
    void transactionsWithOneCommitTimeGetTimesOfTheirOwn() {
        HybridClock clock = new HybridClock(0);

        assertThat(clock.next(1_000)).isEqualTo(1_000);
        assertThat(clock.next(1_000)).isEqualTo(1_001);
        assertThat(clock.next(900)).isEqualTo(1_002);
    }

    @Test
    void whatFollowsSomethingSeenIsLaterThanIt() {
        HybridClock clock = new HybridClock(0);
        clock.observe(5_000);

        assertThat(clock.next(1_000)).isEqualTo(5_001);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void fromTheStoredTimeTheSameCommitsGetTheSameTimes(long seed) {
        Random random = new Random(seed);
        HybridClock clock = new HybridClock(0);
        long[] commits = random.longs(1_000, 0, 10_000).toArray();
        long[] times = new long[commits.length];
        for (int i = 0; i < commits.length; i++) {
            times[i] = clock.next(commits[i]);
        }
        int from = random.nextInt(1, commits.length);
        HybridClock again = new HybridClock(times[from - 1]);
        for (int i = from; i < commits.length; i++) {
            assertThat(again.next(commits[i])).as("seed %s, commit %s", seed, i).isEqualTo(times[i]);
        }
    }
}
