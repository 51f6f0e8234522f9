package org.anabranch.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopyTextTest {

    private static String[] parse(int columns, String line) throws SQLException {
        return new CopyText(columns).parse(line.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void nullIsToldFromTheLettersAndFromEmpty() throws SQLException {
        assertThat(parse(5, "\\N\t\\\\N\t\tN\txN\\\\\n")).containsExactly(null, "\\N", "", "N", "xN\\");
    }

    @Test
    void everyEscapeHasItsMeaning() throws SQLException {
        assertThat(parse(2, "a\\tb\\nc\\rd\\be\\ff\\vg\\\\\t\\\\\\\\t\n"))
                .containsExactly("a\tb\nc\rd\be\ff\u000Bg\\", "\\\\t");
    }

    @Test
    void charactersOfSeveralBytesAreOneText() throws SQLException {
        assertThat(parse(2, "é€😀\t\\\\é\n")).containsExactly("é€😀", "\\é");
    }

    @Test
    void aLongValueDoesNotSpoilTheNext() throws SQLException {
        CopyText parser = new CopyText(1);
        String lengthy = "x".repeat(3_000_000);
        assertThat(parser.parse((lengthy + "\\\\\n").getBytes(StandardCharsets.UTF_8)))
                .containsExactly(lengthy + "\\");
        assertThat(parser.parse("\\\\y\n".getBytes(StandardCharsets.UTF_8))).containsExactly("\\y");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\n", "a\tb\tc\n", "\n"})
    void anotherNumberOfValuesIsRefused(String line) {
        assertThatThrownBy(() -> parse(2, line))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("2 values");
    }

    @Test
    void anUnknownEscapeIsRefused() {
        assertThatThrownBy(() -> parse(1, "\\x41\n"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("\\x");
    }
}
