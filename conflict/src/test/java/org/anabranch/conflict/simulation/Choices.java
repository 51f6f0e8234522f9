package org.anabranch.conflict.simulation;

import java.util.List;
import java.util.Random;

/** Everything in a run that is left to chance. */
final class Choices {

    private final Random random;

    Choices(long seed) {
        random = new Random(seed);
    }

    /** From 0 to below the bound. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    /** Rarely. That nothing unusual happens is always a choice of 0. */
    boolean oneIn(int times) {
        return below(times) == times - 1;
    }

    boolean either() {
        return below(2) == 1;
    }

    <T> T oneOf(List<T> things) {
        return things.get(below(things.size()));
    }
}
