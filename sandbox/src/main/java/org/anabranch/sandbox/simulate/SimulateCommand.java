package org.anabranch.sandbox.simulate;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.anabranch.conflict.simulation.Bug;
import org.anabranch.conflict.simulation.Schedule;
import org.anabranch.conflict.simulation.Shrinker;
import org.anabranch.conflict.simulation.Simulation;
import org.anabranch.node.cli.Command;
import org.anabranch.node.cli.CommandException;
import org.anabranch.node.cli.ExitCode;
import org.anabranch.node.cli.Output;
import org.anabranch.node.config.Nearest;
import org.anabranch.schemas.Finding;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Runs the simulation of several writing regions, and of what happens when they are built wrong. */
@CommandLine.Command(
        name = "simulate",
        description = {
            "Simulate three regions that all write the same few rows, and check that they end with the same rows, and",
            "with the right ones. The merge, the resolver, the hybrid clock and the guard are those that nodes run;",
            "databases, topics and time are models. A seed chooses what happens next: a write, a clock that is set, a",
            "part that does some of its work, dies, or wakes up late. The same seed is the same run, on every machine.",
            "",
            "A check that finds nothing may be blind. So bugs can be planted, each a piece of the protocol left out or",
            "done wrong: '--bug all' says which seed is the first to catch each of them."
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "  0:every seed ended as it should; with --bug: every bug was caught",
            "  1:a seed failed; with --bug: a bug was not caught",
            "  2:invalid input"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  anabranch simulate                                a minute's proof",
            "  anabranch simulate --seeds 1000000                a night's",
            "  anabranch simulate --seed 42                      that run again, with all that happens in it",
            "  anabranch simulate --bug all                      would it have noticed?",
            "  anabranch simulate --bug guard-left-out --seed 0  what that bug does, in few steps"
        })
public final class SimulateCommand extends Command {

    private static final long SEEDS = 20_000;
    private static final long SEEDS_TO_FIND_A_BUG = 200_000;
    private static final String ALL = "all";
    private static final int FAILING_MAX = 10;
    private static final long SHRINK_NANOS_MAX = 20_000_000_000L;

    /** What --bug takes. */
    static final class BugNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return names().iterator();
        }

        static List<String> names() {
            return Stream.concat(Stream.of(ALL), Bug.planted().stream().map(Bug::toString))
                    .toList();
        }
    }

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description = "How many seeds to run, from 0 on; with --bug until one fails (default: " + SEEDS
                    + ", with --bug " + SEEDS_TO_FIND_A_BUG + ").")
    private @Nullable Long seedsMax;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description =
                    "Run this seed only, and tell what happens in it; if it fails, in the shortest run like it that still does.")
    private @Nullable Long seed;

    @Option(names = "--whole", description = "Tell the run that fails as it is, not the shortest one like it.")
    private boolean whole;

    @Option(
            names = "--bug",
            paramLabel = "NAME|all",
            completionCandidates = BugNames.class,
            description = "Plant a bug, or each of them in turn: ${COMPLETION-CANDIDATES}.")
    private @Nullable String bug;

    @Override
    protected ExitCode run(Output output) throws InterruptedException {
        long seeds = seedsMax != null ? seedsMax : bug == null ? SEEDS : SEEDS_TO_FIND_A_BUG;
        if (seeds < 1) {
            throw invalid("--seeds " + seeds, "there is nothing to run", "write 1 or more");
        }
        List<Bug> bugs = bugs();
        if (seed != null) {
            if (bugs.size() > 1) {
                throw invalid("--seed with --bug all", "one run has one bug", "name it, or leave --seed out");
            }
            return replay(seed, bugs.isEmpty() ? Bug.NONE : bugs.getFirst(), output);
        }
        return bugs.isEmpty() ? prove(seeds, output) : hunt(bugs, seeds, output);
    }

    private List<Bug> bugs() {
        if (bug == null || bug.equalsIgnoreCase(ALL)) {
            return bug == null ? List.of() : Bug.planted();
        }
        String name = bug;
        return List.of(Bug.planted().stream()
                .filter(known ->
                        known.toString().equalsIgnoreCase(name) || known.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> invalid(
                        "--bug " + name,
                        "no such bug",
                        Nearest.to(name, BugNames.names())
                                .map(nearest -> "did you mean '" + nearest + "'?")
                                .orElse("see 'anabranch simulate --help' for their names"))));
    }

    private ExitCode prove(long seeds, Output output) throws InterruptedException {
        SeedSearch search = new SeedSearch(seeds, FAILING_MAX, each -> fails(each, Bug.NONE));
        List<Long> failing = search.run(output::line);
        String run = String.format("%,d seeds in %.1f s, %s", search.done(), search.seconds(), search.rate());
        if (failing.isEmpty()) {
            output.line(run + ": all regions always end with the same rows, and with the right ones.");
            return ExitCode.OK;
        }
        replay(failing.getFirst(), Bug.NONE, output);
        output.line("");
        output.line(run + ". Failed, each with the line that runs it again:");
        failing.forEach(each -> output.line("  " + again(each, Bug.NONE)));
        return ExitCode.FAILED;
    }

    private ExitCode hunt(List<Bug> bugs, long seeds, Output output) throws InterruptedException {
        int caught = 0;
        double seconds = 0;
        for (Bug each : bugs) {
            SeedSearch search = new SeedSearch(seeds, 1, candidate -> fails(candidate, each));
            List<Long> failing = search.run(output::line);
            caught += failing.size();
            seconds += search.seconds();
            String outcome = failing.isEmpty()
                    ? String.format("survived %,d seeds", search.done())
                    : "caught by seed " + failing.getFirst();
            output.line(String.format("%-43s %s", each, outcome));
            if (bugs.size() == 1 && !failing.isEmpty()) {
                output.line("How it goes wrong: " + again(failing.getFirst(), each));
            }
        }
        if (bugs.size() > 1) {
            output.line(String.format("%d of %d planted bugs caught, in %.1f s.", caught, bugs.size(), seconds));
        }
        return caught == bugs.size() ? ExitCode.OK : ExitCode.FAILED;
    }

    private ExitCode replay(long seed, Bug planted, Output output) {
        Simulation simulation = Simulation.of(seed, planted);
        boolean isFailing = simulation.failure().isPresent();
        Schedule run = simulation.schedule();
        Schedule told = isFailing && !whole ? Shrinker.shrink(run, planted, SHRINK_NANOS_MAX) : run;
        Simulation story = Simulation.told(told, planted);
        String end = story.failure()
                .map(what -> "Seed " + seed + " fails: " + what + ".")
                .orElse("Seed " + seed + ": all regions end with the same rows, and with the right ones.");
        if (told.size() < run.size()) {
            output.line(String.format(
                    "Seed %d fails in %,d steps, and in %,d of them like this; then all parts do what is left to do:",
                    seed, run.size(), told.size()));
        }
        story.story().forEach(output::line);
        output.line("");
        output.line(end);
        return isFailing == (planted == Bug.NONE) ? ExitCode.FAILED : ExitCode.OK;
    }

    private static boolean fails(long seed, Bug planted) {
        return Simulation.of(seed, planted).failure().isPresent();
    }

    private static String again(long seed, Bug planted) {
        List<String> words = new ArrayList<>(List.of("anabranch simulate --seed " + seed));
        if (planted != Bug.NONE) {
            words.add("--bug " + planted);
        }
        return String.join(" ", words);
    }

    private static CommandException invalid(String where, String what, String fix) {
        return new CommandException(ExitCode.INVALID_INPUT, List.of(Finding.error(where, what, fix)));
    }
}
