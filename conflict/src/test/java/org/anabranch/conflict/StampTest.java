package org.anabranch.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StampTest {

    @Test
    void timeComesBeforeNumberAndNumberBeforeOrigin() {
        Stamp first = new Stamp(1, 9, "z");
        Stamp second = new Stamp(2, 0, "z");
        Stamp third = new Stamp(2, 1, "a");
        Stamp fourth = new Stamp(2, 1, "b");

        assertThat(Stream.of(fourth, second, third, first).sorted()).containsExactly(first, second, third, fourth);
    }
}
