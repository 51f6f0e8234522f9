package org.anabranch.conflict.laws;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.anabranch.conflict.ColumnPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The kit finds policies that break a law, each by the test that is for it. */
class ColumnPolicyLawsTest {

    private record Policy(BinaryOperator<String> of) implements ColumnPolicy {
        @Override
        public String name() {
            return "planted";
        }

        @Override
        public boolean takes(String type) {
            return true;
        }

        @Override
        public String merge(String one, String other) {
            return of.apply(one, other);
        }
    }

    private record Laws(ColumnPolicy policy) implements ColumnPolicyLaws {
        @Override
        public String value(Random random) {
            return Integer.toString(10 + random.nextInt(90));
        }
    }

    record Case(String name, BinaryOperator<String> of, Consumer<ColumnPolicyLaws> law) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> broken() {
        AtomicInteger calls = new AtomicInteger();
        return Stream.of(
                new Case("first", (one, other) -> one, ColumnPolicyLaws::whichOfTwoValuesComesFirstDoesNotMatter),
                new Case("null", (one, other) -> null, ColumnPolicyLaws::whichOfTwoValuesComesFirstDoesNotMatter),
                new Case(
                        "number of the call",
                        (one, other) -> Integer.toString(calls.incrementAndGet()),
                        ColumnPolicyLaws::whichOfTwoValuesComesFirstDoesNotMatter),
                new Case(
                        "average",
                        (one, other) -> Integer.toString((Integer.parseInt(one) + Integer.parseInt(other)) / 2),
                        ColumnPolicyLaws::whichTwoOfThreeValuesAreMergedFirstDoesNotMatter),
                new Case(
                        "sum",
                        (one, other) -> Integer.toString(Integer.parseInt(one) + Integer.parseInt(other)),
                        ColumnPolicyLaws::aValueThatIsMergedInAlreadyChangesNothing),
                new Case("not registered", ColumnPolicyLawsTest::digits, ColumnPolicyLaws::itIsFoundOnTheClassPath));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void aPolicyThatBreaksALawIsFound(Case broken) {
        assertThatThrownBy(() -> broken.law().accept(new Laws(new Policy(broken.of()))))
                .isInstanceOf(AssertionError.class);
    }

    private static String digits(String one, String other) {
        return (one + other)
                .chars()
                .distinct()
                .sorted()
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    /** All digits that occur. */
    private record Digits() implements ColumnPolicyLaws {
        @Override
        public ColumnPolicy policy() {
            return new Policy(ColumnPolicyLawsTest::digits);
        }

        @Override
        public String value(Random random) {
            return digits(Integer.toString(random.nextInt(1_000)), "");
        }
    }

    static Stream<Consumer<ColumnPolicyLaws>> laws() {
        return Stream.of(
                ColumnPolicyLaws::mergingIsCommutativeAssociativeAndIdempotent,
                ColumnPolicyLaws::whatIsReadIsWhatThePolicyPromises,
                ColumnPolicyLaws::anUpdateThatComesBeforeTheInsertItBuildsOnReadsAsItsRow,
                ColumnPolicyLaws::whatIsStableCanBeForgottenAndNothingComesBack,
                ColumnPolicyLaws::whichOfTwoValuesComesFirstDoesNotMatter,
                ColumnPolicyLaws::whichTwoOfThreeValuesAreMergedFirstDoesNotMatter,
                ColumnPolicyLaws::aValueThatIsMergedInAlreadyChangesNothing);
    }

    @ParameterizedTest
    @MethodSource("laws")
    void aPolicyThatKeepsTheLawsPasses(Consumer<ColumnPolicyLaws> law) {
        assertThatCode(() -> law.accept(new Digits())).doesNotThrowAnyException();
    }

    @Test
    void statesMergeAllTheSameWhateverThePolicyMakesOfThem() {
        AtomicInteger calls = new AtomicInteger();
        Laws laws = new Laws(new Policy((one, other) -> Integer.toString(calls.incrementAndGet())));

        assertThatCode(laws::mergingIsCommutativeAssociativeAndIdempotent).doesNotThrowAnyException();
    }
}
