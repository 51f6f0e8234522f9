package org.anabranch.conflict.simulation;

import java.util.Optional;

/**
 * Makes a schedule that fails shorter as long as it still fails, so that what is left is what it takes: without halves, quarters
 * and so on down to single steps, then with less in each step. After Zeller and Hildebrandt, "Simplifying and Isolating
 * Failure-Inducing Input" (2002).
 */
public final class Shrinker {

    private final Bug bug;
    private final long until;
    private Schedule shortest;

    private Shrinker(Schedule failing, Bug bug, long nanosMax) {
        shortest = failing;
        this.bug = bug;
        until = System.nanoTime() + nanosMax;
    }

    /** @param nanosMax how long to try; what has been reached by then is given */
    public static Schedule shrink(Schedule failing, Bug bug, long nanosMax) {
        return new Shrinker(failing, bug, nanosMax).shrink();
    }

    private Schedule shrink() {
        Schedule before;
        do {
            before = shortest;
            leaveOutSteps();
            makeChoicesSmaller();
        } while (!shortest.equals(before) && hasTime());
        return shortest;
    }

    private void leaveOutSteps() {
        for (int length = shortest.size() / 2; length > 0; length /= 2) {
            for (int from = shortest.size() - length; from > 0 && hasTime(); from -= length) { // 0: how it begins
                if (from < shortest.size()) {
                    tryOut(shortest.without(from, Math.min(from + length, shortest.size())));
                }
            }
        }
    }

    private void makeChoicesSmaller() {
        for (int step = 0; step < shortest.size(); step++) {
            for (int index = 0; index < shortest.steps().get(step).size() && hasTime(); index++) {
                int choice = shortest.choice(step, index);
                if (choice > 0 && !tryOut(shortest.with(step, index, 0))) {
                    tryOut(shortest.with(step, index, choice / 2));
                }
            }
        }
    }

    private boolean hasTime() {
        return System.nanoTime() - until < 0;
    }

    private boolean tryOut(Schedule candidate) {
        Simulation simulation = Simulation.of(candidate, bug);
        Optional<String> failure = simulation.failure();
        if (failure.isPresent()) {
            shortest =
                    simulation.schedule(); // without what was not asked for, and what would have come after the failure
        }
        return failure.isPresent();
    }
}
