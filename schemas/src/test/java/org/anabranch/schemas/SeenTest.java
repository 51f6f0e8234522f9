package org.anabranch.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Stamp;
import org.junit.jupiter.api.Test;

class SeenTest {

    private static final byte[] KEY = new RecordKey(new TableName("public", "carts"), List.of("7")).encode();
    private static final byte[] OTHER = new RecordKey(new TableName("public", "carts"), List.of("8")).encode();
    private static final Context EU_5 = Context.of(new Stamp(5, EpochMarker.WHOLE, "eu"));
    private static final Context EU_9 = Context.of(new Stamp(9, EpochMarker.WHOLE, "eu"));
    private static final Context US_3 = Context.of(new Stamp(3, 1, "us"));

    @Test
    void whatIsWrittenIsReadBack() throws Exception {
        Seen seen = new Seen(EU_5, Map.of(RowDigest.of(KEY), EU_9, RowDigest.of(OTHER), EU_9), 9);

        assertThat(Seen.parse(seen.text())).isEqualTo(seen);
        assertThat(Seen.parse(Seen.NOTHING.text())).isEqualTo(Seen.NOTHING);
        assertThatThrownBy(() -> Seen.parse("[]")).isInstanceOf(UnreadableRecordException.class);
    }

    @Test
    void aRowMayHoldMoreThanTheRegion() {
        Seen seen = new Seen(EU_5, Map.of(RowDigest.of(KEY), US_3), 5);

        assertThat(seen.of(KEY)).isEqualTo(EU_5.join(US_3));
        assertThat(seen.of(OTHER)).isEqualTo(EU_5);
    }

    @Test
    void whatOneRowHeldIsForgottenOnceTheRegionHoldsIt() {
        Seen first = new Seen(EU_5, Map.of(RowDigest.of(KEY), EU_9, RowDigest.of(OTHER), US_3), 9);

        Seen second = new Seen(EU_9, Map.of(RowDigest.of(OTHER), EU_9), 7).after(first);

        assertThat(second).isEqualTo(new Seen(EU_9, Map.of(RowDigest.of(OTHER), US_3), 9));
    }

    /** While something holds the region back, every commit brings more rows. */
    @Test
    void ofTooManyRowsTheNewestAreKept() {
        Seen seen = Seen.NOTHING;
        for (int commit = 0; commit < 3; commit++) {
            Map<RowDigest, Context> rows = new HashMap<>();
            for (int row = 0; row < Seen.ROWS_MAX - 10; row++) {
                rows.put(new RowDigest(commit, row), EU_9);
            }
            seen = new Seen(EU_5, rows, 9).after(seen);
        }

        assertThat(seen.rows()).hasSize(Seen.ROWS_MAX).containsKey(new RowDigest(2, Seen.ROWS_MAX - 11));
        assertThat(seen.text().length()).isLessThan(1 << 20);
    }
}
