package org.anabranch.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.anabranch.conflict.MergePolicy.ValueOrder;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.conflict.RowMerge.Rule;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every policy is a join semilattice, forgets only what nobody can ask for, and means what it says. */
class MergeLawsTest {

    private static final int CASES = Integer.getInteger("laws.cases", 1_000);
    private static final int STEPS = 12;

    /** A policy with rows for it, and what it promises. */
    record Subject(
            String name,
            DeletePolicy deletes,
            List<Rule> rules,
            Function<Random, Values> rows,
            Function<MergeOracle, Values> expected) {
        RowMerge merge() {
            return new RowMerge(rows.apply(new Random(0)).size(), deletes, rules);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static String small(Random random) {
        return Integer.toString(random.nextInt(5));
    }

    private static String array(Random random) {
        return Stream.of("a", "b", "\"c,\"")
                .filter(element -> random.nextBoolean())
                .toList()
                .toString()
                .replace(" ", "")
                .replace('[', '{')
                .replace(']', '}');
    }

    private static Subject one(
            MergePolicy policy, Function<Random, String> column, Function<MergeOracle, String> expected) {
        // Beside a column that is merged by itself, so that the policy is asked about changes that are not its own.
        return new Subject(
                policy.name(),
                DeletePolicy.LAST_WRITER_WINS,
                List.of(Rule.of(policy, 0), Rule.of(MergePolicy.lastWriterWins(), 1)),
                random -> Values.of(column.apply(random), small(random)),
                oracle -> Values.of(expected.apply(oracle), oracle.lastWritten(1)));
    }

    private static Subject whole(String name, DeletePolicy deletes) {
        return new Subject(
                name,
                deletes,
                List.of(Rule.of(MergePolicy.lastWriterWins(), 0, 1)),
                random -> Values.of(small(random), small(random)),
                MergeOracle::lastWrittenRow);
    }

    static Stream<Subject> subjects() {
        return Stream.of(
                whole("last-writer-wins", DeletePolicy.LAST_WRITER_WINS),
                whole("delete: wins", DeletePolicy.WINS),
                whole("delete: loses", DeletePolicy.LOSES),
                one(MergePolicy.lastWriterWins(), MergeLawsTest::small, oracle -> oracle.lastWritten(0)),
                one(MergePolicy.prefer("hub"), MergeLawsTest::small, oracle -> oracle.preferred(0, "hub")),
                one(MergePolicy.counter(), MergeLawsTest::small, oracle -> oracle.counted(0)),
                one(MergePolicy.set(), MergeLawsTest::array, oracle -> oracle.elements(0)),
                one(MergePolicy.max(ValueOrder.NUMBERS), MergeLawsTest::small, oracle -> oracle.greatest(0)),
                one(MergePolicy.min(ValueOrder.NUMBERS), MergeLawsTest::small, oracle -> oracle.least(0)));
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void mergingIsCommutativeAssociativeAndIdempotent(Subject subject) {
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
                if (random.nextBoolean()) {
                    states.add(merge.of(changes.get(random.nextInt(changes.size()))));
                    states.removeLast();
                }
                if (states.size() > 1 && states.get(0).equals(states.get(1))) {
                    states.removeFirst();
                }
            }
            assertThat(states.getFirst()).as("seed %s of %s", seed, changes).isEqualTo(inOrder);
            assertThat(merge.merge(inOrder, inOrder)).as("seed %s", seed).isEqualTo(inOrder);
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void whatIsReadIsWhatThePolicyPromises(Subject subject) {
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

    @ParameterizedTest
    @MethodSource("subjects")
    void anUpdateThatComesBeforeTheInsertItBuildsOnReadsAsItsRow(Subject subject) {
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

    @ParameterizedTest
    @MethodSource("subjects")
    void whatIsStableCanBeForgottenAndNothingComesBack(Subject subject) {
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
