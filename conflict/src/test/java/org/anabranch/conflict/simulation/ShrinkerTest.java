package org.anabranch.conflict.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShrinkerTest {

    private static Simulation firstThatFails(Bug bug) {
        for (long seed = 0; ; seed++) {
            Simulation simulation = Simulation.of(seed, bug);
            if (simulation.failure().isPresent()) {
                return simulation;
            }
        }
    }

    private static List<String> story(Schedule schedule, Bug bug) {
        Simulation told = Simulation.told(schedule, bug);
        assertThat(told.failure()).isPresent();
        return told.story();
    }

    @ParameterizedTest
    @EnumSource(
            value = Bug.class,
            names = {"GUARD_LEFT_OUT", "OLD_GENERATION_LET_IN", "MERGED_ROWS_DROPPED_BY_STAMP"})
    void aFailingScheduleBecomesShorterAndStillFails(Bug bug) {
        Schedule failing = firstThatFails(bug).schedule();

        Schedule shrunk = Shrinker.shrink(failing, bug, TimeUnit.SECONDS.toNanos(20));

        assertThat(shrunk.size()).isLessThan(failing.size() / 4);
        assertThat(story(shrunk, bug)).hasSizeLessThan(story(failing, bug).size() / 2);
    }

    @Test
    void whatIsLeftOfAScheduleByItsBugGoesWellWithoutTheBug() {
        Schedule failing = firstThatFails(Bug.GUARD_LEFT_OUT).schedule();

        Schedule shrunk = Shrinker.shrink(failing, Bug.GUARD_LEFT_OUT, TimeUnit.SECONDS.toNanos(20));

        assertThat(Simulation.of(shrunk, Bug.NONE).failure()).isEmpty();
    }

    @Test
    void aScheduleIsTheSameRunAgain() {
        Simulation first = firstThatFails(Bug.LINK_STARTS_ONE_LATE);
        Simulation again = Simulation.of(first.schedule(), Bug.LINK_STARTS_ONE_LATE);

        assertThat(again.failure()).isPresent();
        assertThat(again.schedule()).isEqualTo(first.schedule());
    }

    @Test
    void whenTheTimeIsUpWhatHasBeenReachedIsGiven() {
        Schedule failing = firstThatFails(Bug.GUARD_LEFT_OUT).schedule();

        assertThat(Shrinker.shrink(failing, Bug.GUARD_LEFT_OUT, 0)).isEqualTo(failing);
    }
}
