package org.anabranch.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.anabranch.schemas.RegionStatus.CopyStatus;
import org.anabranch.schemas.TableName;
import org.junit.jupiter.api.Test;

class CopyProgressTest {

    private static final TableName TABLE = new TableName("public", "t");

    private final AtomicLong nanos = new AtomicLong(Duration.ofDays(1).toNanos());
    private final CopyProgress progress = new CopyProgress(nanos::get);

    @Test
    void theRateIsThatOfThisRunAndGivesTheTimeLeft() {
        progress.begin(TABLE, position(40_000, false), 100_000);
        assertThat(status().line()).isEqualTo("public.t: 40,000 of about 100,000 rows (40%)");

        progress.copied(TABLE, position(50_000, false));
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        progress.copied(TABLE, position(70_000, false));

        assertThat(status()).isEqualTo(new CopyStatus("public.t", 70_000, 100_000, false, 10_000));
        assertThat(status().line())
                .isEqualTo("public.t: 70,000 of about 100,000 rows (70%), 10,000 rows/s, about 3 s left");
    }

    @Test
    void anEstimateThatWasTooLowGrowsAndTheEndIsExact() {
        progress.begin(TABLE, position(0, false), 10);
        progress.copied(TABLE, position(25, false));
        assertThat(status().rowsEstimated()).isEqualTo(25);

        progress.copied(TABLE, position(26, true));
        assertThat(status().line()).isEqualTo("public.t: 26 rows, complete");
    }

    private CopyStatus status() {
        return progress.statuses().getFirst();
    }

    private static CopyPosition position(long rows, boolean done) {
        return new CopyPosition(List.of("1"), rows, done);
    }
}
