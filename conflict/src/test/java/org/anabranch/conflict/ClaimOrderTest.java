package org.anabranch.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.anabranch.conflict.ClaimOrder.Verdict;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In whatever order rows come, those stay that would have if they had come in the order of their claims. */
class ClaimOrderTest {

    private static final int CASES = 2_000;
    private static final int ROWS = 8;
    private static final int VALUES = 4;

    /** A row with two columns that are unique. */
    private record Claimed(Stamp claim, int one, int other) {
        boolean isInTheWayOf(Claimed row) {
            return one == row.one || other == row.other;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theOrderOfArrivalDoesNotMatter(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < CASES; i++) {
            List<Claimed> rows = rows(random);
            List<Claimed> expected = inTheOrderOfClaims(rows);

            Collections.shuffle(rows, random);

            assertThat(asTheyCome(rows, random)).as("%s", rows).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    private static List<Claimed> rows(Random random) {
        List<Claimed> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            Stamp claim = new Stamp(1 + i / 2, i % 2, random.nextBoolean() ? "eu" : "us");
            rows.add(new Claimed(claim, random.nextInt(VALUES), random.nextInt(VALUES)));
        }
        return rows;
    }

    private static List<Claimed> inTheOrderOfClaims(List<Claimed> rows) {
        List<Claimed> placed = new ArrayList<>();
        rows.stream().sorted(Comparator.comparing(Claimed::claim)).forEach(row -> {
            if (placed.stream().noneMatch(row::isInTheWayOf)) {
                placed.add(row);
            }
        });
        return placed;
    }

    private static List<Claimed> asTheyCome(List<Claimed> rows, Random random) {
        List<Claimed> placed = new ArrayList<>();
        List<Claimed> displaced = new ArrayList<>();
        for (Claimed row : rows) {
            place(row, placed, displaced);
        }
        boolean isChanged = true;
        while (isChanged) {
            isChanged = false;
            Collections.shuffle(displaced, random);
            for (Claimed row : List.copyOf(displaced)) {
                displaced.remove(row);
                isChanged |= place(row, placed, displaced);
            }
        }
        return placed;
    }

    private static boolean place(Claimed row, List<Claimed> placed, List<Claimed> displaced) {
        List<Claimed> holders =
                placed.stream().filter(other -> other.isInTheWayOf(row)).toList();
        Verdict verdict =
                ClaimOrder.of(row.claim(), holders.stream().map(Claimed::claim).toList());
        if (verdict == Verdict.YIELDS) {
            displaced.add(row);
            return false;
        }
        placed.removeAll(holders);
        displaced.addAll(holders);
        placed.add(row);
        return true;
    }
}
