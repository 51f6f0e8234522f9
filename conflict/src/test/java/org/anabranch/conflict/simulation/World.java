package org.anabranch.conflict.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What all parts of a run share: the regions, their table, time, chance, and what is built wrong. */
final class World {

    static final List<String> NAMES = List.of("eu", "hub", "us");

    /** A counter's additions are kept by the second, and a run has several. */
    static final long TICK_MICROS = 100_000;

    final Choices choices;
    final Bug bug;
    final Table table;
    final Truth truth;
    final Habits habits;
    final List<Region> regions = new ArrayList<>();
    final List<String> story = new ArrayList<>();
    long now = 1_000;
    private final boolean isTold;

    /** @param isTold whether anybody wants to read what happens */
    World(Choices choices, Bug bug, boolean isTold) {
        this.choices = choices;
        this.bug = bug;
        this.isTold = isTold;
        table = Table.any(choices);
        truth = new Truth(table);
        habits = Habits.any(choices);
        NAMES.forEach(name -> regions.add(new Region(this, name)));
    }

    boolean has(Bug planted) {
        return bug == planted;
    }

    void tell(Region region, Supplier<String> what) {
        if (isTold) {
            story.add(region.name + ": " + what.get());
        }
    }
}
