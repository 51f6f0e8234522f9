package org.anabranch.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RowTest {

    @Test
    void aHoleIsNoValueNotEvenTheTextThatStandsForIt() {
        Row hole = Row.of(Row.UNCHANGED);

        assertThat(hole.hasHoles()).isTrue();
        assertThat(Row.of(new StringBuilder("<unchanged>").toString()).hasHoles())
                .isFalse();
        assertThat(hole).isNotEqualTo(Row.of(new StringBuilder("<unchanged>").toString()));
    }

    @Test
    void holesAreFilledFromTheOlderStateOfTheRowAndNullsAreNot() {
        Row older = Row.of("1", "big", "old");

        assertThat(Row.of("1", Row.UNCHANGED, null).over(older)).isEqualTo(Row.of("1", "big", null));
    }
}
