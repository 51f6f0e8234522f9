package org.anabranch.conflict.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All regions end with the same rows, and with the right ones; and what is built wrong is found out. */
class SimulationTest {

    private static final long SEEDS = Long.getLong("simulation.seeds", 10_000);
    private static final long SEEDS_TO_FIND_A_BUG = 10_000;

    @Test
    void everyScheduleEndsWithTheSameRowsEverywhere() {
        LongStream.range(0, SEEDS).parallel().forEach(seed -> {
            Optional<String> failure = Simulation.of(seed, Bug.NONE).failure();
            assertThat(failure).as("seed %s", seed).isEmpty();
        });
    }

    /** But for two that need several unlikely things at once, and more seeds. */
    @ParameterizedTest
    @EnumSource(
            value = Bug.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE", "STABLE_BEFORE_ITS_OWN_DATABASE_HAS_IT", "CONTEXT_CLAIMS_WHAT_IS_NOT_COMMITTED"})
    void aPlantedBugIsFound(Bug bug) {
        OptionalLong found = LongStream.range(0, SEEDS_TO_FIND_A_BUG)
                .parallel()
                .filter(seed -> Simulation.of(seed, bug).failure().isPresent())
                .findAny();
        assertThat(found).as("%s survives %s seeds", bug, SEEDS_TO_FIND_A_BUG).isPresent();
        System.out.println(bug + " is found by seed " + found.getAsLong());
    }
}
