package org.anabranch.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SparklineTest {

    @Test
    void barsGrowWithTheValueUpToAFullOne() {
        assertThat(Sparkline.of(List.of(0L, 125L, 500L, 999L, 1_000L, 5_000L), 1_000, 6, true))
                .isEqualTo("▁▂▅███");
    }

    @Test
    void theNewestStandAtTheRightAndWhatDoesNotFitIsLeftOut() {
        assertThat(Sparkline.of(List.of(0L, 1_000L), 1_000, 4, true)).isEqualTo("  ▁█");
        assertThat(Sparkline.of(List.of(1_000L, 0L, 0L), 1_000, 2, true)).isEqualTo("▁▁");
    }

    @Test
    void nothingIsABlankAndAsciiWillDo() {
        assertThat(Sparkline.of(List.of(-1L, 0L, 1_000L), 1_000, 3, false)).isEqualTo(" _#");
    }
}
