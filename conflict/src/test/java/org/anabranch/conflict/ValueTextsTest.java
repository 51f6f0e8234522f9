package org.anabranch.conflict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValueTextsTest {

    @Test
    void numbersAreOrderedAsPostgresOrdersThem() {
        assertOrder(
                ValueTexts::compareNumbers,
                "-Infinity",
                "-99999999999999999999.5",
                "-1",
                "0",
                "1e-45",
                "0.10",
                "9",
                "10",
                "1.7976931348623157e+308",
                "Infinity",
                "NaN");
        assertThat(ValueTexts.compareNumbers("1.0", "1.00")).isZero();
    }

    @Test
    void timesAreOrderedAsPostgresOrdersThem() {
        assertOrder(
                ValueTexts::compareTimes,
                "-infinity",
                "4713-01-01 00:00:00+00 BC",
                "0044-03-15 00:00:00+00 BC",
                "0001-01-01 00:00:00+00",
                "2026-11-22 09:00:00+00",
                "2026-11-22 09:00:00.000001+00",
                "2026-11-22 09:00:00.5+00",
                "2026-11-22 10:00:00+00",
                "2026-12-01 00:00:00+00",
                "294276-12-31 23:59:59.999999+00",
                "infinity");
        assertOrder(ValueTexts::compareTimes, "00:00:00", "09:15:00", "09:15:00.25", "24:00:00");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{1,2},{3,4}}", "[0:1]={1,2}", "1,2", ""})
    void whatIsNoListOfElementsIsRefused(String array) {
        assertThatThrownBy(() -> ArrayText.parse(array)).isInstanceOf(UnmergeableException.class);
    }

    @Test
    void elementsOfArraysAreReadAsPostgresWritesThem() {
        assertThat(ArrayText.parse("{}")).isEmpty();
        assertThat(ArrayText.parse("{1,NULL,\"NULL\",\"a \\\"b\\\\ c,\",\"\",\"{}\"}"))
                .containsExactly("1", null, "NULL", "a \"b\\ c,", "", "{}");
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        Random random = new Random(7);
        for (int i = 0; i < 1_000; i++) {
            List<String> elements = new ArrayList<>();
            for (int j = random.nextInt(4); j > 0; j--) {
                elements.add(
                        random.nextInt(5) == 0
                                ? null
                                : random.ints(random.nextInt(4), 0, 6)
                                        .mapToObj(c -> "a,\"\\{}".substring(c, c + 1))
                                        .reduce("", String::concat));
            }
            assertThat(ArrayText.parse(ArrayText.format(elements))).isEqualTo(elements);
        }
    }

    private static void assertOrder(Comparator<String> order, String... expected) {
        List<String> values = new ArrayList<>(List.of(expected));
        Collections.shuffle(values, new Random(42));
        values.sort(order);
        assertThat(values).containsExactly(expected);
    }
}
