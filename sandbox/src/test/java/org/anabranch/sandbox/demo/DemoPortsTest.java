package org.anabranch.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.anabranch.node.cli.CommandException;
import org.anabranch.node.cli.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemoPortsTest {

    @Test
    void theDocumentedPortsAreThoseOfTheReadme() {
        DemoPorts ports = DemoPorts.of(null);

        assertThat(DemoPorts.REGIONS).containsExactly("hub", "eu", "us");
        assertThat(DemoPorts.REGIONS.stream().map(ports::postgres)).containsExactly(15431, 15432, 15433);
        assertThat(DemoPorts.REGIONS.stream().map(ports::kafka)).containsExactly(19091, 19092, 19093);
        assertThat(ports.option()).isEmpty();
    }

    @Test
    void aBaseMovesAllOfThemAndLeavesRoomForTheConsoles() {
        DemoPorts ports = DemoPorts.of(30_000);

        assertThat(DemoPorts.REGIONS.stream().map(ports::postgres)).containsExactly(30_000, 30_001, 30_002);
        assertThat(DemoPorts.REGIONS.stream().map(ports::kafka)).containsExactly(30_003, 30_004, 30_005);
        assertThat(ports.jdbcUrl("us")).isEqualTo("jdbc:postgresql://127.0.0.1:30002/shop");
        assertThat(ports.bootstrap("us")).isEqualTo("127.0.0.1:30005");
        assertThat(ports.option()).isEqualTo(" --port-base 30000");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1_023, 65_528, 100_000})
    void aBaseWithoutRoomIsRefused(int base) {
        assertThatThrownBy(() -> DemoPorts.of(base))
                .isInstanceOfSatisfying(CommandException.class, refused -> assertThat(refused.exitCode())
                        .isEqualTo(ExitCode.INVALID_INPUT))
                .hasMessage("--port-base: " + base + " leaves no room for 9 ports; choose a number from 1024 to 65527");
    }

    @ParameterizedTest
    @ValueSource(ints = {1_024, 65_527})
    void theFirstAndLastBaseAreGood(int base) {
        assertThat(DemoPorts.of(base).kafka("us")).isEqualTo(base + 5);
        assertThat(DemoPorts.of(base).console("us")).isEqualTo(base + 8);
    }

    @Test
    void everyTakenPortIsNamedWithWhatItIsForAndWhatToDo() {
        List<Integer> taken = List.of(15432, 19091);

        assertThatThrownBy(() -> DemoPorts.of(null).requireFree(port -> !taken.contains(port)))
                .isInstanceOfSatisfying(CommandException.class, refused -> assertThat(refused.exitCode())
                        .isEqualTo(ExitCode.FAILED))
                .hasMessage(
                        "port 15432: something listens there already, and PostgreSQL of eu has to; end it (is another"
                                + " demo running?), or choose other ports with --port-base N" + System.lineSeparator()
                                + "port 19091: something listens there already, and Kafka of hub has to; end it (is another"
                                + " demo running?), or choose other ports with --port-base N");
    }

    @Test
    void onlyThePortsThatAreNeededAreLookedAt() {
        Set<Integer> needed = Set.of(15431, 15432, 15433, 19091, 19092, 19093, 18080, 18081, 18082);

        assertThatCode(() -> DemoPorts.of(null).requireFree(needed::contains)).doesNotThrowAnyException();
    }
}
