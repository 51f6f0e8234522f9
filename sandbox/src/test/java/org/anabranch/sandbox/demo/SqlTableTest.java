package org.anabranch.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SqlTableTest {

    private static final SqlTable TABLE = new SqlTable(
            List.of("id", "name"),
            List.of(true, false),
            List.of(Arrays.asList("7", "Ada\nNovák"), Arrays.asList("12345", null)),
            false);

    @Test
    void columnsAreAlignedNumbersAtTheRight() {
        assertThat(TABLE.lines())
                .containsExactly(
                        "   id | name", //
                        "------+-----------",
                        "    7 | Ada\\nNovák",
                        "12345 |",
                        "2 rows");
    }

    @Test
    void whatIsLeftOutIsSaid() {
        SqlTable cut = new SqlTable(List.of("a"), List.of(false), List.of(List.of("x".repeat(200))), true);

        assertThat(cut.lines().get(2)).hasSize(100).endsWith("x...");
        assertThat(cut.lines()).endsWith("the first 1 row, there are more");
    }

    @Test
    void documentsHoldTheWholeText() {
        assertThat(TABLE.documents().get(0)).containsEntry("name", "Ada\nNovák").containsEntry("id", "7");
        assertThat(TABLE.documents().get(1)).containsEntry("name", null);
    }
}
