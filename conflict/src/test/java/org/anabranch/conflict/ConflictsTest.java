package org.anabranch.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.anabranch.conflict.Conflict.Loss;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.conflict.RowMerge.Rule;
import org.anabranch.conflict.laws.History;
import org.junit.jupiter.api.Test;

class ConflictsTest {

    /** A column by itself, one that a region wins, one without losers, and two that are merged together. */
    private static final RowMerge MERGE = new RowMerge(
            5,
            DeletePolicy.WINS,
            List.of(
                    Rule.of(MergePolicy.lastWriterWins(), 0),
                    Rule.of(MergePolicy.prefer("eu"), 1),
                    Rule.of(MergePolicy.counter(), 2),
                    Rule.of(MergePolicy.lastWriterWins(), 3, 4)));

    private static final Values ROW = Values.of("a", "b", "1", "c", "d");

    private final Conflicts conflicts = new Conflicts(MERGE);

    @Test
    void eachColumnThatBothWroteIsLostByOneOfThem() {
        RowChange eu = update(7, "eu", Values.of("a2", "b2", "2", "c2", "d"));
        RowChange us = update(8, "us", Values.of("a3", "b3", "3", "c3", "d3"));

        Conflict conflict = between(us, eu).getFirst();

        assertThat(conflict.earlier().stamp()).isEqualTo(eu.stamp());
        assertThat(conflict.later().row()).isEqualTo(us.after());
        assertThat(conflict.losses())
                .containsExactly(
                        new Loss(List.of(0), "last-writer-wins", "us"),
                        new Loss(List.of(1), "prefer: eu", "eu"),
                        new Loss(List.of(3, 4), "last-writer-wins", "us"));
    }

    @Test
    void whatBothCanHaveIsNoConflict() {
        RowChange counted = update(7, "eu", with(2, "5"));
        assertThat(between(counted, update(8, "us", with(2, "9")))).isEmpty();
        assertThat(between(counted, update(8, "us", with(0, "other column")))).isEmpty();
        assertThat(between(update(7, "eu", with(0, "same")), update(8, "us", with(0, "same"))))
                .isEmpty();
        assertThat(between(delete(7, "eu"), delete(8, "us"))).isEmpty();
    }

    @Test
    void aDeleteIsInConflictWithAnyWrite() {
        assertThat(between(delete(7, "us"), update(8, "eu", with(2, "5"))))
                .singleElement()
                .extracting(Conflict::losses)
                .isEqualTo(List.of(new Loss(List.of(), "delete: wins", "us")));
    }

    @Test
    void whoHasSeenTheOtherIsNotInConflictWithIt() {
        RowChange first = update(7, "eu", with(0, "x"));
        RowChange seeing = RowChange.update(new Stamp(8, 0, "us"), Context.of(first.stamp()), ROW, with(0, "y"));
        RowChange next = update(9, "eu", with(0, "z"));

        assertThat(between(first, seeing)).isEmpty();
        assertThat(between(seeing, first)).isEmpty();
        assertThat(between(first, next)).as("of one region").isEmpty();
        assertThat(between(first, first)).isEmpty();
        assertThat(between(seeing, next)).hasSize(1);
    }

    @Test
    void longValuesAreCutAndStillTold() {
        String one = "k\uD83E\uDDC0".repeat(Conflicts.VALUE_CHARACTERS_MAX);
        List<Conflict> found = between(update(7, "eu", with(0, one + "1")), update(8, "us", with(0, one + "2")));

        assertThat(found).hasSize(1);
        assertThat(found.getFirst().later().row().get(0))
                .hasSizeLessThan(Conflicts.VALUE_CHARACTERS_MAX)
                .contains("(" + (one.length() + 1) + " characters");
    }

    @Test
    void onlySoManyChangesAreRemembered() {
        List<RecentChange> recent = List.of();
        for (int i = 1; i <= Conflicts.REMEMBERED_MAX + 1; i++) {
            recent = Conflicts.with(recent, conflicts.recent(update(i, "eu", ROW), 0));
        }
        assertThat(recent).hasSize(Conflicts.REMEMBERED_MAX);
        assertThat(recent.getFirst().stamp().hybridMicros()).isEqualTo(2);
        assertThat(Conflicts.with(recent, recent.getLast())).isEqualTo(recent);
    }

    /** Every resolver takes the changes in an order of its own, each origin's in the order in which they were made, some again. */
    @Test
    void allRegionsFindTheSameConflictsWhateverTheOrder() {
        int found = 0;
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            List<RowChange> changes = new History(random, MERGE, ConflictsTest::row).goOn(14);
            Set<Conflict> expected = new HashSet<>();
            changes.forEach(one -> changes.forEach(other -> {
                if (!one.follows(other.stamp()) && !other.follows(one.stamp())) {
                    expected.addAll(between(one, other));
                }
            }));
            for (String region : List.of("eu", "hub", "us")) {
                assertThat(resolved(region, changes, random))
                        .as("seed %s in %s of %s", seed, region, changes)
                        .isEqualTo(expected);
            }
            found += expected.size();
        }
        assertThat(found).isGreaterThan(1_000);
    }

    private static Set<Conflict> resolved(String region, List<RowChange> changes, Random random) {
        RowResolver resolver = new RowResolver(region, MERGE);
        Set<Conflict> found = new HashSet<>();
        RowEntry entry = null;
        for (RowChange change : shuffled(changes, random)) {
            RowResolver.Resolved resolved = resolver.resolve(entry, change, 0, Context.NOTHING, Context.NOTHING, false);
            assertThat(resolved.conflicts().isEmpty() || resolved.answer().isPresent())
                    .isTrue();
            entry = resolved.entry().orElseThrow();
            found.addAll(resolved.conflicts());
        }
        return found;
    }

    private static List<RowChange> shuffled(List<RowChange> changes, Random random) {
        List<List<RowChange>> streams = new ArrayList<>();
        for (String origin : List.of("eu", "hub", "us")) {
            streams.add(new ArrayList<>(changes.stream()
                    .filter(change -> change.stamp().origin().equals(origin))
                    .toList()));
        }
        List<RowChange> shuffled = new ArrayList<>();
        while (!streams.stream().allMatch(List::isEmpty)) {
            Collections.shuffle(streams, random);
            List<RowChange> next = streams.getFirst();
            if (!next.isEmpty()) {
                shuffled.add(random.nextInt(4) == 0 ? next.getFirst() : next.removeFirst());
            }
        }
        return shuffled;
    }

    @Test
    void aChangeIsForgottenOnceAllHaveSeenIt() {
        RowResolver resolver = new RowResolver("eu", MERGE);
        RowChange insert = RowChange.insert(new Stamp(5, 0, "us"), Context.NOTHING, ROW);
        RowEntry entry = resolver.resolve(null, insert, 0, Context.NOTHING, Context.NOTHING, false)
                .entry()
                .orElseThrow();

        assertThat(resolver.settle(entry, Context.of(new Stamp(4, 0, "us")), -1)
                        .orElseThrow()
                        .recent())
                .hasSize(1);
        assertThat(resolver.settle(entry, Context.of(insert.stamp()), -1)
                        .orElseThrow()
                        .recent())
                .isEmpty();
    }

    private List<Conflict> between(RowChange one, RowChange other) {
        return conflicts.between(conflicts.recent(one, 0), conflicts.recent(other, 0)).stream()
                .toList();
    }

    private static RowChange update(long micros, String origin, Values after) {
        return RowChange.update(new Stamp(micros, 0, origin), Context.NOTHING, ROW, after);
    }

    private static RowChange delete(long micros, String origin) {
        return RowChange.delete(new Stamp(micros, 0, origin), Context.NOTHING, ROW);
    }

    private static Values with(int column, String text) {
        String[] texts = Stream.iterate(0, i -> i + 1).limit(5).map(ROW::get).toArray(String[]::new);
        texts[column] = text;
        return Values.of(texts);
    }

    private static Values row(Random random) {
        String[] texts = new String[5];
        Arrays.setAll(texts, i -> Integer.toString(random.nextInt(4)));
        return Values.of(texts);
    }
}
