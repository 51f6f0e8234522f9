package org.anabranch.conflict.simulation;

import java.util.List;
import java.util.Optional;
import org.anabranch.conflict.MergeOracle;

/**
 * The protocol between regions that all write the same few rows, with the merge, the resolver, the hybrid clock and the guard
 * themselves, and with models of what is around them: a database with row versions, commit times and a WAL; capture, links,
 * resolvers and appliers as steps that a seeded scheduler chooses, each of which may be killed, repeated, or wake up late. Clocks
 * differ and are set; tables are rewritten without a trace in the WAL.
 *
 * <p>When nothing moves any more, every database has to hold what {@link MergeOracle} makes of all changes ever acknowledged.
 * The same seed is the same run.
 */
public final class Simulation {

    private static final int STEPS_MAX = 50_000;

    private final World world;
    private final Choices choices;
    private final int captureWeight;
    private final int linkWeight;
    private final int resolveWeight;
    private final int applyWeight;
    private int writesLeft;

    private Simulation(Choices choices, Bug bug, boolean isTold) {
        this.choices = choices;
        world = new World(choices, bug, isTold);
        writesLeft = 3 + choices.below(25);
        captureWeight = weight();
        linkWeight = weight();
        resolveWeight = weight();
        applyWeight = weight();
    }

    public static Simulation of(long seed, Bug bug) {
        return new Simulation(new Choices(seed), bug, false);
    }

    /** One that remembers what happens, for {@link #story}; it takes longer. */
    public static Simulation told(long seed, Bug bug) {
        return new Simulation(new Choices(seed), bug, true);
    }

    /** Some parts are slow in some runs. */
    private int weight() {
        return choices.below(4) == 0 ? 1 : 5;
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

    /** Until all is written, captured, linked, resolved and applied. */
    private void run() {
        for (int steps = 0; steps < STEPS_MAX; steps++) {
            step();
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
        } else if (!region.late.isEmpty() && chance >= 205 && chance < 225) {
            region.wake();
        } else {
            work(region);
        }
    }

    private void work(Region region) {
        int chance = choices.below(captureWeight + linkWeight + resolveWeight + applyWeight);
        if (chance < captureWeight) {
            region.capture.step();
        } else if (chance < captureWeight + linkWeight) {
            region.links.step(choices.oneOf(world.regions));
        } else if (chance < captureWeight + linkWeight + resolveWeight) {
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
