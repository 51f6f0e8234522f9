package org.anabranch.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.anabranch.conflict.Stamp;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.EpochMarker;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.Row;
import org.junit.jupiter.api.Test;

class EpochAssemblerTest {

    private static final EpochAssembler.Limits LARGE = new EpochAssembler.Limits(1000, 1 << 20, 10_000, 10 << 20);
    private static final Progress NOTHING = new Progress(List.of(), List.of(), List.of());

    private final EpochAssembler assembler = new EpochAssembler(2, LARGE, NOTHING);
    private final long[] offsets = new long[2];

    @Test
    void aTransactionIsHandedOutOnceItsMarkerHasComeThroughOnEveryPartition() {
        row(0, 10, 0);
        row(1, 10, 1);
        marker(0, 10, EpochMarker.WHOLE, 7);
        assertThat(assembler.next()).isNull();

        marker(1, 10, EpochMarker.WHOLE, 7);

        assertThat(handedOut()).containsExactly("10/0", "10/1");
        assertThat(assembler.progress().origins())
                .containsExactly(new Progress.OfOrigin("hub", 10, EpochMarker.WHOLE, 7));
        assertThat(assembler.progress().nextOffsets()).containsExactly(2L, 2L);
    }

    @Test
    void rowsOfALaterTransactionCompleteAnEarlierOne() {
        row(0, 10, 0);
        row(0, 11, 0);
        row(1, 11, 1);

        assertThat(handedOut()).containsExactly("10/0");
        assertThat(assembler.progress().nextOffsets()).containsExactly(1L, 0L);
        assertThat(assembler.progress().origins())
                .containsExactly(new Progress.OfOrigin("hub", 10, EpochMarker.WHOLE, 0));
    }

    @Test
    void repeatsAreDropped() {
        row(0, 10, 0);
        row(1, 11, 0);
        markers(11, 7);
        assertThat(handedOut()).containsExactly("10/0", "11/0");

        row(0, 10, 0);
        row(1, 11, 0);
        row(1, 12, 0);
        markers(12, 8);

        assertThat(handedOut()).containsExactly("12/0");
    }

    @Test
    void aTruncateThatStandsInEveryPartitionIsHandedOutOnceAndInItsPlace() {
        row(0, 10, 0);
        truncate(0, 10, 1);
        row(0, 10, 2);
        truncate(1, 10, 1);
        row(1, 10, 3);
        markers(10, 7);

        assertThat(handedOut()).containsExactly("10/0", "10/1", "10/2", "10/3");
    }

    @Test
    void replicatedUntilStandsStillWhileAFirstCopyIsUnderWay() {
        assembler.offer(0, offsets[0]++, new EpochMarker("hub", 10, EpochMarker.WHOLE, 7, 0, true));
        assembler.offer(1, offsets[1]++, new EpochMarker("hub", 10, EpochMarker.WHOLE, 7, 0, true));
        assertThat(handedOut()).isEmpty();
        assertThat(assembler.progress().origins().getFirst().replicatedUntilMicros())
                .isZero();

        markers(11, 8);
        assertThat(handedOut()).isEmpty();
        assertThat(assembler.progress().origins().getFirst().replicatedUntilMicros())
                .isEqualTo(8);
    }

    @Test
    void aTransactionTooLargeToHoldIsHandedOutInPiecesWithoutProgress() {
        EpochAssembler small = new EpochAssembler(1, new EpochAssembler.Limits(3, 1 << 20, 5, 1 << 20), NOTHING);
        for (int i = 0; i < 7; i++) {
            small.offer(0, change(Operation.DELETE, "hub", 10, i, i));
        }

        List<Integer> sizes = new ArrayList<>();
        for (Batch batch = small.next(); batch != null; batch = small.next()) {
            sizes.add(batch.changes().size());
            assertThat(batch.progress()).isNull();
        }
        assertThat(sizes).containsExactly(3); // four wait: they fit again
        assertThat(small.progress()).isNull();

        small.offer(0, 7, new EpochMarker("hub", 10, EpochMarker.WHOLE, 7, 0, false));
        assertThat(small.next().changes()).hasSize(3);
        Batch last = small.next();
        assertThat(last.changes()).hasSize(1);
        assertThat(last.progress().nextOffsets()).containsExactly(8L);
    }

    @Test
    void theEndOfALargeTransactionAloneIsReasonEnoughToCommit() {
        EpochAssembler small = new EpochAssembler(1, new EpochAssembler.Limits(10, 1 << 20, 1, 1 << 20), NOTHING);
        small.offer(0, change(Operation.DELETE, "hub", 10, 0, 0));
        assertThat(small.next().progress()).isNull();

        small.offer(0, 1, new EpochMarker("hub", 10, EpochMarker.WHOLE, 7, 0, false));

        Batch end = small.next();
        assertThat(end.changes()).isEmpty();
        assertThat(end.progress().origins()).containsExactly(new Progress.OfOrigin("hub", 10, EpochMarker.WHOLE, 7));
        assertThat(small.next()).isNull();
    }

    @Test
    void whileTheBufferIsFullOnlyThePartitionThatHoldsBackIsRead() {
        EpochAssembler small = new EpochAssembler(2, new EpochAssembler.Limits(10, 1 << 20, 3, 1 << 20), NOTHING);
        for (int i = 0; i < 3; i++) {
            assertThat(small.isToBeRead(0)).isTrue();
            small.offer(0, change(Operation.DELETE, "hub", 10 + i, 0, i));
        }
        assertThat(small.next()).isNull();
        assertThat(small.isToBeRead(0)).isFalse();
        assertThat(small.isToBeRead(1)).isTrue();

        small.offer(1, 0, new EpochMarker("hub", 11, EpochMarker.WHOLE, 7, 0, false));
        assertThat(small.next().changes()).hasSize(2);
        assertThat(small.isToBeRead(0)).isTrue();
    }

    private void row(int partition, long hybrid, int number) {
        assembler.offer(partition, change(Operation.DELETE, "hub", hybrid, number, offsets[partition]++));
    }

    private void truncate(int partition, long hybrid, int number) {
        assembler.offer(partition, change(Operation.TRUNCATE, "hub", hybrid, number, offsets[partition]++));
    }

    private void markers(long hybrid, long commitMicros) {
        marker(0, hybrid, EpochMarker.WHOLE, commitMicros);
        marker(1, hybrid, EpochMarker.WHOLE, commitMicros);
    }

    private void marker(int partition, long hybrid, int number, long commitMicros) {
        assembler.offer(
                partition, offsets[partition]++, new EpochMarker("hub", hybrid, number, commitMicros, 0, false));
    }

    private List<String> handedOut() {
        List<String> stamps = new ArrayList<>();
        for (Batch batch = assembler.next(); batch != null; batch = assembler.next()) {
            batch.changes()
                    .forEach(pending -> stamps.add(pending.change().hybridMicros() + "/"
                            + pending.change().number()));
        }
        return Collections.unmodifiableList(stamps);
    }

    static PendingChange change(Operation operation, String origin, long hybrid, int number, long offset) {
        Row before = operation == Operation.DELETE ? Row.of("1") : null;
        Change change = new Change(operation, new Stamp(hybrid, number, origin), hybrid, 1, before, null);
        return new PendingChange(new byte[] {1}, change, offset, 100);
    }
}
