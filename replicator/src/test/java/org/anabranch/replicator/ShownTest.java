package org.anabranch.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Stamp;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.EpochMarker;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.RowDigest;
import org.anabranch.schemas.Seen;
import org.junit.jupiter.api.Test;

class ShownTest {

    private static final Progress EU_READ_UNTIL_9 =
            new Progress(List.of(new Progress.OfOrigin("eu", 9, EpochMarker.WHOLE, 9)), List.of(), List.of());
    private static final Context EU_9 = Context.of(new Stamp(9, EpochMarker.WHOLE, "eu"));

    private final Shown shown = new Shown("us");

    @Test
    void whatIsSaidBeforeACommitIsOfItsRowsAlone() {
        shown.written(merge(1, 4));

        assertThat(shown.isNews()).isTrue();
        assertThat(shown.seen(EU_READ_UNTIL_9)).isEqualTo(new Seen(Context.NOTHING, Map.of(digest(1), EU_9), 9));

        shown.committed(EU_READ_UNTIL_9, Map.of());

        assertThat(shown.isNews()).isFalse();
        assertThat(shown.seen()).isEqualTo(new Seen(EU_9, Map.of(), 9));
    }

    @Test
    void aRowThatShowsMoreThanWasReadSaysSo() {
        shown.written(merge(1, 12));

        assertThat(shown.seen(EU_READ_UNTIL_9).of(key(1))).isEqualTo(Context.of(new Stamp(12, 0, "eu")));
        assertThat(shown.seen(EU_READ_UNTIL_9).latestMicros()).isEqualTo(12);
    }

    @Test
    void aRowOfWhichLaterChangesWereNotWrittenShowsNoMoreThanItself() {
        shown.written(merge(1, 4));
        shown.unwritten(merge(1, 8));
        shown.unwritten(merge(2, 8));
        shown.unwritten(merge(3, 7));
        shown.written(merge(3, 8));

        Seen seen = shown.seen(EU_READ_UNTIL_9);

        assertThat(seen.of(key(1))).isEqualTo(Context.of(new Stamp(4, 0, "eu")));
        assertThat(seen.of(key(2))).isEqualTo(Context.NOTHING);
        assertThat(seen.of(key(3))).isEqualTo(EU_9);
    }

    @Test
    void ofRowsTooManyToBeNamedItIsKnownThatTheyAreLeftOut() {
        for (int row = 0; row <= Seen.ROWS_MAX; row++) {
            assertThat(shown.leavesRowsOut()).isFalse();
            shown.written(merge(row, 4));
        }

        assertThat(shown.leavesRowsOut()).isTrue();
        assertThat(shown.seen(EU_READ_UNTIL_9).rows()).hasSize(Seen.ROWS_MAX);
        assertThat(shown.seen(EU_READ_UNTIL_9).text().length()).isLessThan(600_000);

        shown.committed(EU_READ_UNTIL_9, Map.of());

        assertThat(shown.leavesRowsOut()).isFalse();
    }

    @Test
    void whatWaitsHoldsBackWhatTheRegionHolds() {
        shown.committed(EU_READ_UNTIL_9, Map.of("eu", new Stamp(6, 2, "eu")));

        assertThat(shown.seen().everywhere()).isEqualTo(Context.of(new Stamp(5, Integer.MAX_VALUE, "eu")));
    }

    private static PendingChange merge(int row, long hybridMicros) {
        Stamp stamp = new Stamp(hybridMicros, 0, "eu");
        Change change = new Change(
                Operation.MERGE,
                stamp,
                hybridMicros,
                1,
                null,
                Row.of(String.valueOf(row)),
                Context.of(stamp),
                new Change.Verdict(0, false, null));
        return new PendingChange(key(row), change, 0, 100);
    }

    private static byte[] key(int row) {
        return new byte[] {(byte) (row >> 16), (byte) (row >> 8), (byte) row};
    }

    private static RowDigest digest(int row) {
        return RowDigest.of(key(row));
    }
}
