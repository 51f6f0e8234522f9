package org.anabranch.conflict.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Everything in a run that is left to chance: drawn, or as a schedule says, and remembered. */
final class Choices {

    private final @Nullable Random random;
    private final Schedule given;
    private final List<List<Integer>> made = new ArrayList<>();

    private Choices(@Nullable Random random, Schedule given) {
        this.random = random;
        this.given = given;
        made.add(new ArrayList<>());
    }

    static Choices drawn(long seed) {
        return new Choices(new Random(seed), new Schedule(List.of()));
    }

    static Choices of(Schedule given) {
        return new Choices(null, given);
    }

    /** From here on, choices belong to the next step. False if there is none, and they are all 0. */
    boolean nextStep() {
        made.add(new ArrayList<>());
        return random != null || made.size() <= given.size();
    }

    /** What was chosen so far. */
    Schedule made() {
        int size = random == null ? Math.min(made.size(), given.size()) : made.size();
        return new Schedule(made.subList(0, size));
    }

    /** From 0 to below the bound. */
    int below(int bound) {
        List<Integer> step = made.getLast();
        int choice = random == null ? given.choice(made.size() - 1, step.size()) % bound : random.nextInt(bound);
        step.add(choice);
        return choice;
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
