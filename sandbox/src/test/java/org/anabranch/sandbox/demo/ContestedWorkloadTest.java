package org.anabranch.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.anabranch.sandbox.demo.ContestedWorkload.Write;
import org.junit.jupiter.api.Test;

class ContestedWorkloadTest {

    @Test
    void theSameSeedGivesTheSameInARegionAndSomethingElseInAnother() {
        List<Write> writes = writes(4711, "eu");

        assertThat(writes).isEqualTo(writes(4711, "eu"));
        assertThat(numbers(writes)).isNotEqualTo(numbers(writes(4711, "us"))).isNotEqualTo(numbers(writes(4712, "eu")));
    }

    @Test
    void halfOfTheWritesGoToTheFewRowsThatAllRegionsWrite() {
        List<Integer> numbers = numbers(writes(1, "eu"));

        assertThat(numbers).allMatch(number -> number >= 1 && number <= ContestedWorkload.WRITTEN);
        assertThat(numbers.stream().filter(number -> number <= ContestedWorkload.POPULAR))
                .hasSizeBetween(480, 620);
        assertThat(numbers).contains(ContestedWorkload.WRITTEN);
    }

    @Test
    void bothTablesAreInsertedUpdatedAndDeletedFrom() {
        assertThat(writes(1, "eu").stream()
                        .map(write -> write.sql().lines().findFirst().orElse(""))
                        .distinct())
                .hasSize(4);
    }

    private static List<Integer> numbers(List<Write> writes) {
        return writes.stream().map(ContestedWorkloadTest::number).toList();
    }

    private static int number(Write write) {
        return write.parameters().stream()
                .filter(Integer.class::isInstance)
                .map(Integer.class::cast)
                .reduce((first, last) -> last)
                .orElseThrow();
    }

    private static List<Write> writes(long seed, String region) {
        ContestedWorkload workload = new ContestedWorkload(seed, region);
        return Stream.generate(workload::next).limit(1_000).toList();
    }
}
