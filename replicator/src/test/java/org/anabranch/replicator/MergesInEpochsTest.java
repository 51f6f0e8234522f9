package org.anabranch.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Stamp;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.EpochMarker;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MergesInEpochsTest {

    private static final EpochAssembler.Limits LARGE = new EpochAssembler.Limits(1000, 1 << 20, 10_000, 10 << 20);

    private final EpochAssembler assembler =
            new EpochAssembler(1, LARGE, new Progress(List.of(), List.of(), List.of(5L)));

    @Test
    void anOlderMergeOfARowIsNotAppliedAfterANewerOne() {
        merge(0, "hub", 10, "older");
        merge(1, "eu", 20, "newer");
        marker(2, "eu", 20);
        assertThat(handedOut()).containsExactly("newer PLAIN");

        marker(3, "hub", 10);

        assertThat(handedOut()).containsExactly("older SUPERSEDED");
    }

    @Test
    void anOlderMergeIsNotAppliedAfterANewerChangeThatCouldNotBeMerged() {
        merge(0, "hub", 10, "older");
        unmerged(1, "eu", 20, "newer");
        marker(2, "eu", 20);
        assertThat(handedOut()).containsExactly("newer PLAIN");

        marker(3, "hub", 10);

        assertThat(handedOut()).containsExactly("older SUPERSEDED");
    }

    @Test
    void aChangeThatCouldNotBeMergedComesAgainLikeAMerge() {
        unmerged(0, "hub", 10, "once");
        marker(1, "hub", 10);
        assertThat(handedOut()).containsExactly("once PLAIN");

        unmerged(2, "hub", 10, "again");
        merge(3, "hub", 10, "merged after all");

        assertThat(handedOut()).containsExactly("again REPEATED", "merged after all REPEATED");
    }

    @Test
    void mergesOfOneEpochStayInTheirOrder() {
        merge(0, "hub", 10, "older");
        merge(1, "hub", 11, "newer");
        marker(2, "hub", 11);

        assertThat(handedOut()).containsExactly("older PLAIN", "newer PLAIN");
    }

    @Test
    void aMergeThatComesAgainIsHandedOutWithoutWaitingForAnEpoch() {
        merge(0, "hub", 10, "once");
        marker(1, "hub", 10);
        assertThat(handedOut()).containsExactly("once PLAIN");

        merge(2, "hub", 10, "again");

        assertThat(handedOut()).containsExactly("again REPEATED");
    }

    @Test
    void whatComesAgainIsReadOnceMoreIfItWasNotHandedOut() {
        merge(0, "hub", 10, "once");
        marker(1, "hub", 10);
        assertThat(handedOut()).hasSize(1);
        assertThat(assembler.progress().nextOffsets()).containsExactly(2L);

        merge(2, "hub", 10, "again");
        marker(3, "hub", 11);

        assertThat(assembler.progress().nextOffsets()).containsExactly(2L);
        assertThat(handedOut()).hasSize(1);
        assertThat(assembler.progress().nextOffsets()).containsExactly(4L);
    }

    @Test
    void askingForAnOriginMakesNoneUp() {
        assertThat(assembler.walPosition("us")).isZero();
        assertThat(assembler.isCopying("us")).isTrue();
        assertThat(assembler.progress().origins()).isEmpty();
    }

    @Test
    void answersOfAResolverThatWasReplacedAreRefused() {
        assertThat(assembler.isOfNow(0, 0, 4)).isFalse();
        assertThat(assembler.isOfNow(0, 1, 5)).isTrue();
        assertThat(assembler.isOfNow(0, 2, 9)).isTrue();
        assertThat(assembler.isOfNow(0, 3, 5)).isFalse();
        marker(4, "hub", 1);
        assertThat(handedOut()).isEmpty();
        assertThat(assembler.progress().generations()).containsExactly(9L);
    }

    /** What the first resolver wrote before the second began is not said again by that. */
    @Test
    void whatWaitedWhenAnotherResolverBeganIsTakenOnceMoreAfterAStart() {
        merge(0, "hub", 10, "waits");
        assertThat(assembler.isOfNow(0, 0, 5)).isTrue();
        assertThat(assembler.isOfNow(0, 1, 9)).isTrue();
        marker(2, "eu", 20);
        assertThat(assembler.next()).isNull();
        Progress stored = assembler.progress();
        assertThat(stored.nextOffsets()).containsExactly(0L);

        EpochAssembler again = new EpochAssembler(1, LARGE, stored);

        assertThat(again.isOfNow(0, 0, 5)).isTrue();
        assertThat(again.isOfNow(0, 1, 9)).isTrue();
        assertThat(again.isOfNow(0, 2, 5)).isFalse();
    }

    private void merge(long offset, String origin, long hybrid, String value) {
        answer(offset, origin, hybrid, value, Operation.MERGE, new Change.Verdict(0, false, null));
    }

    private void unmerged(long offset, String origin, long hybrid, String value) {
        answer(offset, origin, hybrid, value, Operation.UPDATE, null);
    }

    private void answer(
            long offset,
            String origin,
            long hybrid,
            String value,
            Operation operation,
            Change.@Nullable Verdict verdict) {
        Stamp stamp = new Stamp(hybrid, 0, origin);
        Change change = new Change(operation, stamp, hybrid, 1, null, Row.of("1", value), Context.of(stamp), verdict);
        assembler.offer(0, new PendingChange(new byte[] {1}, change, offset, 10));
    }

    private void marker(long offset, String origin, long hybrid) {
        assembler.offer(0, offset, new EpochMarker(origin, hybrid, EpochMarker.WHOLE, hybrid, 0, false));
    }

    private List<String> handedOut() {
        Batch batch = assembler.next();
        return batch == null
                ? List.of()
                : batch.changes().stream()
                        .map(pending -> pending.change().after().text(1) + " " + pending.role())
                        .toList();
    }
}
