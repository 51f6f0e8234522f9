package org.anabranch.conflict.laws;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.anabranch.conflict.MergeOracle;
import org.anabranch.conflict.RowChange;
import org.anabranch.conflict.RowMerge;
import org.anabranch.conflict.RowState;
import org.anabranch.conflict.Values;
import org.junit.jupiter.api.Test;

/**
 * A policy's rows are a join semilattice, forget only what nobody can ask for, and mean what they say. The system property {@code
 * laws.cases} says how many histories are tried for each law.
 */
public interface MergeLaws {

    int CASES = Integer.getInteger("laws.cases", 1_000);
    int STEPS = 12;

    Subject subject();

    @Test
    default void mergingIsCommutativeAssociativeAndIdempotent() {
        Subject subject = subject();
        for (long seed = 0; seed < CASES; seed++) {
            Random random = new Random(seed);
            RowMerge merge = subject.merge();
            List<RowChange> changes = new History(random, merge, subject.rows()).goOn(STEPS);
            List<RowState> states = new ArrayList<>();
            changes.forEach(change -> states.add(merge.of(change)));
            if (states.isEmpty()) {
                continue;
            }
            RowState inOrder = states.stream().reduce(merge::merge).orElseThrow();
            while (states.size() > 1) {
                Collections.shuffle(states, random);
                RowState joined = merge.merge(states.get(0), states.get(1));
                if (random.nextInt(4) > 0) {
                    states.removeFirst();
                }
                states.set(0, joined);
                if (states.size() > 1 && states.get(0).equals(states.get(1))) {
                    states.removeFirst();
                }
            }
            assertThat(states.getFirst()).as("seed %s of %s", seed, changes).isEqualTo(inOrder);
            assertThat(merge.merge(inOrder, inOrder)).as("seed %s", seed).isEqualTo(inOrder);
        }
    }

    @Test
    default void whatIsReadIsWhatThePolicyPromises() {
        Subject subject = subject();
        for (long seed = 0; seed < CASES; seed++) {
            RowMerge merge = subject.merge();
            List<RowChange> changes = new History(new Random(seed), merge, subject.rows()).goOn(STEPS);
            if (changes.isEmpty()) {
                continue;
            }
            MergeOracle oracle = new MergeOracle(changes);
            Optional<Values> expected = oracle.isDeleted(subject.deletes())
                    ? Optional.empty()
                    : Optional.of(subject.expected().apply(oracle));

            Optional<Values> read =
                    changes.stream().map(merge::of).reduce(merge::merge).flatMap(merge::read);

            assertThat(read).as("seed %s: %s", seed, changes).isEqualTo(expected);
        }
    }

    @Test
    default void anUpdateThatComesBeforeTheInsertItBuildsOnReadsAsItsRow() {
        Subject subject = subject();
        for (long seed = 0; seed < CASES; seed++) {
            RowMerge merge = subject.merge();
            new History(new Random(seed), merge, subject.rows())
                    .goOn(STEPS).stream()
                            .filter(change -> !change.isInsert() && !change.isDelete())
                            .forEach(update -> assertThat(merge.read(merge.of(update)))
                                    .as("%s", update)
                                    .hasValue(update.after()));
        }
    }

    @Test
    default void whatIsStableCanBeForgottenAndNothingComesBack() {
        Subject subject = subject();
        for (long seed = 0; seed < CASES; seed++) {
            Random random = new Random(seed);
            RowMerge merge = subject.merge();
            History history = new History(random, merge, subject.rows());
            RowState whole = null;
            RowState settled = null;
            int merged = 0;
            for (int part = 0; part < 4; part++) {
                List<RowChange> changes = history.goOn(STEPS / 2);
                for (; merged < changes.size(); merged++) {
                    RowState next = merge.of(changes.get(merged));
                    whole = whole == null ? next : merge.merge(whole, next);
                    settled = settled == null ? next : merge.merge(settled, next);
                }
                if (settled != null) {
                    settled = merge.settle(settled, history.stable(), -1).orElse(null);
                }
                Optional<Values> expected = whole == null ? Optional.empty() : merge.read(whole);
                Optional<Values> read = settled == null ? Optional.empty() : merge.read(settled);
                assertThat(read).as("seed %s: %s", seed, changes).isEqualTo(expected);
            }
        }
    }
}
