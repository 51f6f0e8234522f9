package org.anabranch.conflict.simulation;

/**
 * How a run's parts behave, so that runs differ in more than their order.
 *
 * @param captureWeight how often this part is the next to do something, beside the others
 * @param resolverCommitsOneIn in how many steps of a resolver it makes its work durable once
 * @param applierDiesOneIn of how many of an applier's transactions one does not commit
 * @param applierTakesMax how much is in one of its transactions
 */
record Habits(
        int captureWeight,
        int linkWeight,
        int resolveWeight,
        int applyWeight,
        int resolverCommitsOneIn,
        int applierDiesOneIn,
        int applierTakesMax) {

    static Habits any(Choices choices) {
        return new Habits(
                weight(choices),
                weight(choices),
                weight(choices),
                weight(choices),
                choices.oneIn(4) ? 40 : 5,
                choices.oneIn(4) ? 3 : 10,
                choices.oneIn(4) ? 20 : 5);
    }

    /** Some parts are slow in some runs. */
    private static int weight(Choices choices) {
        return choices.oneIn(4) ? 1 : 5;
    }
}
