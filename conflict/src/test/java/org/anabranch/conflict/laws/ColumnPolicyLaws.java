package org.anabranch.conflict.laws;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.ServiceLoader;
import java.util.function.BiConsumer;
import org.anabranch.conflict.ColumnPolicy;
import org.anabranch.conflict.MergePolicy;
import org.junit.jupiter.api.Test;

/** What a policy of your own has to keep to: let a test class implement this. */
public interface ColumnPolicyLaws extends MergeLaws {

    ColumnPolicy policy();

    /** A value, as PostgreSQL writes it: few different ones, so that they meet, and all kinds of them. */
    String value(Random random);

    @Override
    default Subject subject() {
        return Subject.ofColumn(
                MergePolicy.own(policy()),
                random -> random.nextInt(8) == 0 ? null : value(random),
                oracle -> oracle.inConflict(0).stream().reduce(policy()::merge).orElse(null));
    }

    @Test
    default void whichOfTwoValuesComesFirstDoesNotMatter() {
        forRandomValues((random, seed) -> {
            String one = value(random);
            String other = value(random);

            assertThat(policy().merge(one, other))
                    .as("%s: '%s' and '%s'", seed, one, other)
                    .isNotNull()
                    .isEqualTo(policy().merge(other, one));
        });
    }

    @Test
    default void whichTwoOfThreeValuesAreMergedFirstDoesNotMatter() {
        forRandomValues((random, seed) -> {
            String one = value(random);
            String other = value(random);
            String third = value(random);

            assertThat(policy().merge(policy().merge(one, other), third))
                    .as("%s: '%s', '%s' and '%s'", seed, one, other, third)
                    .isEqualTo(policy().merge(one, policy().merge(other, third)));
        });
    }

    @Test
    default void aValueThatIsMergedInAlreadyChangesNothing() {
        forRandomValues((random, seed) -> {
            String one = value(random);
            String merged = policy().merge(one, value(random));

            assertThat(policy().merge(one, one)).as("%s: '%s' twice", seed, one).isEqualTo(one);
            assertThat(policy().merge(merged, one))
                    .as("%s: '%s' into '%s'", seed, one, merged)
                    .isEqualTo(merged);
        });
    }

    @Test
    default void itIsFoundOnTheClassPath() {
        assertThat(ServiceLoader.load(ColumnPolicy.class, policy().getClass().getClassLoader()))
                .as("META-INF/services/" + ColumnPolicy.class.getName())
                .extracting(ColumnPolicy::getClass)
                .anyMatch(policy().getClass()::equals);
    }

    private static void forRandomValues(BiConsumer<Random, String> law) {
        for (long seed = 0; seed < CASES; seed++) {
            law.accept(new Random(seed), "seed " + seed);
        }
    }
}
