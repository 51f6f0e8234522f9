package org.anabranch.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.capture.SourceCheck;
import org.anabranch.schemas.Finding;
import org.junit.jupiter.api.Test;

/** Clocks that are apart are found before they decide a conflict. */
class ClocksTest {

    private final Map<String, SourceCheck.Source> sources = new LinkedHashMap<>();

    private void clock(String region, Duration ahead) {
        sources.put(region, new SourceCheck.Source(List.of(), List.of(), ahead));
    }

    private List<Finding> findings() {
        return Clocks.findings(Duration.ofMinutes(1), sources);
    }

    @Test
    void clocksThatDifferByLessThanAnyoneNoticesAreFine() {
        clock("hub", Duration.ofSeconds(100));
        clock("eu", Duration.ofSeconds(100).plusMillis(400));

        assertThat(findings()).isEmpty();
    }

    @Test
    void whoseWritesWinIsSaid() {
        clock("hub", Duration.ZERO);
        clock("eu", Duration.ofMillis(3_200));
        clock("us", Duration.ofMillis(-100));

        assertThat(findings())
                .extracting(Finding::toString)
                .containsExactly(
                        "clocks of eu and us: warning: are 3.3 s apart: of writes in conflict those of eu win, although they"
                                + " came earlier; let NTP set the clocks of the database servers");
        assertThat(findings().getFirst().severity()).isEqualTo(Finding.Severity.WARNING);
    }

    @Test
    void clocksSoFarApartThatChangesWouldWaitAreAnError() {
        clock("hub", Duration.ZERO);
        clock("eu", Duration.ofSeconds(61));

        assertThat(findings())
                .extracting(Finding::toString)
                .containsExactly(
                        "clocks of eu and hub: are 61.0 s apart, more than maxClockSkew: changes of eu would not be"
                                + " taken in hub until its clock has come so far; let NTP set the clocks of the database servers, or"
                                + " write a larger maxClockSkew");
        assertThat(findings().getFirst().severity()).isEqualTo(Finding.Severity.ERROR);
    }

    @Test
    void nobodyIsComparedWithNobody() {
        assertThat(findings()).isEmpty();
    }
}
