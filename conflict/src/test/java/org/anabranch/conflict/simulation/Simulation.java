package org.anabranch.conflict.simulation;

import java.util.List;
import java.util.Optional;
import org.anabranch.conflict.MergeOracle;

/**
 * The protocol between regions that all write the same few rows, with the merge, the resolver, the hybrid clock and the guard
 * themselves, and with models of what is around them: a database with row versions, commit times and a WAL; capture, links,
 * resolvers and appliers as steps that a seeded scheduler chooses, each of which may be killed, repeated, or wake up late. Clocks
 * differ and are set; regions are cut off for long; tables are rewritten without a trace in the WAL.
 *
 * <p>When nothing moves any more, every database has to hold what {@link MergeOracle} makes of all changes ever acknowledged.
 * The same seed is the same run.
 */
public final class Simulation {

    private static final int STEPS_MAX = 50_000;

    private final World world;
    private final Choices choices;
    private int writesLeft;

    private Simulation(Choices choices, Bug bug, boolean isTold) {
        this.choices = choices;
        world = new World(choices, bug, isTold);
        writesLeft = 3 + choices.below(25);
    }

    public static Simulation of(long seed, Bug bug) {
        return new Simulation(Choices.drawn(seed), bug, false);
    }

    public static Simulation of(Schedule schedule, Bug bug) {
        return new Simulation(Choices.of(schedule), bug, false);
    }

    /** One that remembers what happens, for {@link #story}; it takes longer. */
    public static Simulation told(Schedule schedule, Bug bug) {
        return new Simulation(Choices.of(schedule), bug, true);
    }

    /** Runs it, once, and gives what went wrong; empty if nothing did. */
    public Optional<String> failure() {
        try {
            run();
            return Optional.empty();
        } catch (AssertionError | RuntimeException e) {
            return Optional.of(e instanceof AssertionError ? e.getMessage() : e.toString());
        }
    }

    /** What happened so far, a line for each step that changed something. */
    public List<String> story() {
        return List.copyOf(world.story);
    }

    /** All choices that were made so far: the same run again, if it is run. */
    public Schedule schedule() {
        return choices.made();
    }

    /** Until all is written, captured, linked, resolved and applied. */
    private void run() {
        for (int steps = 0; steps < STEPS_MAX; steps++) {
            if (choices.nextStep()) {
                step();
            } else {
                writesLeft = 0;
                world.regions.forEach(Region::catchUp);
            }
            if (writesLeft == 0 && isQuiet()) {
                world.truth.check(world.regions);
                return;
            }
        }
        throw new AssertionError("it does not come to rest");
    }

    private void step() {
        world.now += choices.below(5);
        Region region = choices.oneOf(world.regions);
        int chance = choices.below(1_000);
        if (writesLeft > 0 && chance < 150) {
            region.writer.write();
            writesLeft--;
        } else if (writesLeft > 0 && chance < 190) {
            region.kill();
        } else if (writesLeft > 0 && chance < 200) {
            region.setClock();
        } else if (writesLeft > 0 && chance < 205) {
            region.writer.rewriteTheTable();
        } else if (writesLeft > 0 && chance < 209) {
            region.goAway();
        } else if (region.links.areCut() && chance >= 220 && chance < 250) {
            region.links.mendOne();
        } else if (!region.late.isEmpty() && chance >= 250 && chance < 270) {
            region.wake();
        } else {
            work(region);
        }
    }

    private void work(Region region) {
        Habits habits = world.habits;
        int link = habits.captureWeight();
        int resolve = link + habits.linkWeight();
        int apply = resolve + habits.resolveWeight();
        int chance = choices.below(apply + habits.applyWeight());
        if (chance < link) {
            region.capture.step();
        } else if (chance < resolve) {
            region.links.step(choices.oneOf(world.regions));
        } else if (chance < apply) {
            region.resolver.step(choices.oneOf(World.NAMES));
        } else {
            region.applier.step();
        }
    }

    private boolean isQuiet() {
        for (Region region : world.regions) {
            if (!region.isDone()) {
                return false;
            }
            if (region.applier.waitsForAMarker()) {
                region.writer.beat();
                return false;
            }
        }
        return true;
    }
}
