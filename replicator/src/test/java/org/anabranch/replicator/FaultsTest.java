package org.anabranch.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every class of SQLSTATE that PostgreSQL has: what only needs time is never put into quarantine. */
class FaultsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08000", "08006", "25006", "25P02", "28000", "28P01", "40001", "40P01", "42501", "53000", "53100",
                        "53200",
                "53300", "55000", "55006", "55P03", "57000", "57014", "57P01", "57P03", "58000", "58030", "XX001",
                        "XX002"
            })
    void timeHeals(String state) {
        assertThat(Faults.mayHeal(new SQLException("no", state))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "03000", "09000", "0A000", "0B000", "0F000", "0L000", "0P000", "0Z000", "20000", "21000", "22001",
                        "22P02",
                "23502", "23505", "23514", "23P01", "24000", "26000", "27000", "2200G", "2B000", "2D000", "2F000",
                        "34000",
                "38000", "39000", "3B000", "3D000", "3F000", "42703", "42804", "42P01", "44000", "54000", "F0000",
                        "HV000",
                "P0001", "XX000"
            })
    void timeDoesNotHeal(String state) {
        assertThat(Faults.mayHeal(new SQLException("no", state))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5310", "531000"})
    void whatIsNoStateIsNotHeldAgainstARow(String state) {
        assertThat(Faults.mayHeal(new SQLException("no", state))).isTrue();
        assertThat(Faults.mayHeal(new SQLException("no"))).isTrue();
    }
}
