package org.anabranch.node.cli;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.region.RegionSettings;
import org.anabranch.replicator.DatabaseSettings;
import org.anabranch.replicator.QuarantineStore;
import org.anabranch.replicator.QuarantineStore.Entry;
import org.anabranch.replicator.QuarantineStore.Outcome;
import org.anabranch.replicator.QuarantineStore.Request;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the commands share that ask a region's applier for something and wait for it. */
@picocli.CommandLine.Command
abstract class QuarantineRequestCommand extends Command {

    private static final Duration PAUSE = Duration.ofMillis(250);

    /** An applier that runs takes up so much within it. */
    private static final Duration WAIT_MAX = Duration.ofSeconds(10);

    private static final int CHANGES_MAX = 200_000;

    @Parameters(paramLabel = "ID", arity = "0..*", description = "As in 'anabranch quarantine list'.")
    private List<Long> ids = new ArrayList<>();

    @Option(
            names = "--region",
            paramLabel = "NAME",
            required = true,
            description = "The region that could not apply them.")
    private String region = "";

    private @Nullable DatabaseSettings database;

    final List<Long> ids() {
        return ids;
    }

    final String region() {
        return region;
    }

    static CommandException wrong(String where, String what, String fix) {
        return new CommandException(ExitCode.INVALID_INPUT, List.of(Finding.error(where, what, fix)));
    }

    /** The ids that were named; all of them have to be there. */
    final List<Long> named() {
        List<Long> there = matching(table -> true);
        for (Long id : ids) {
            if (!there.contains(id)) {
                throw wrong(
                        String.valueOf(id),
                        "is not in the quarantine of '" + region + "'",
                        "anabranch quarantine list --region " + region + " shows what is");
            }
        }
        return ids;
    }

    final List<Long> matching(Predicate<TableName> tables) {
        try {
            return QuarantineStore.list(database(), tables, Instant.EPOCH, CHANGES_MAX).orElse(List.of()).stream()
                    .map(Entry::id)
                    .toList();
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private CommandException unreachable(IOException e) {
        return Regions.unreachable(
                region, String.valueOf(e.getMessage()), "start its database, or correct postgres.url");
    }

    private DatabaseSettings database() {
        if (database == null) {
            Pipeline pipeline = configuration().pipeline();
            database = new RegionSettings(pipeline, Regions.named(pipeline, region))
                    .applier()
                    .database();
        }
        return database;
    }

    /** @param done what is said of one that is no longer there */
    final ExitCode ask(Output output, List<Long> chosen, Request request, String done) throws InterruptedException {
        try {
            QuarantineStore.ask(database(), chosen, request);
            return report(output, awaited(output, chosen), done);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private Map<Long, Outcome> awaited(Output output, List<Long> chosen) throws IOException, InterruptedException {
        long until = System.nanoTime() + WAIT_MAX.toNanos();
        int shown = -1;
        while (true) {
            Map<Long, Outcome> outcomes = QuarantineStore.outcomes(database(), chosen);
            int open = (int) outcomes.values().stream()
                    .filter(outcome -> !outcome.isAnswered())
                    .count();
            if (open == 0 || System.nanoTime() > until && open == shown) {
                return outcomes;
            }
            if (open != shown) {
                until = System.nanoTime() + WAIT_MAX.toNanos(); // it goes on
                if (shown >= 0 && !output.isJson()) {
                    output.line(open + " of " + chosen.size() + " to go");
                }
                shown = open;
            }
            Thread.sleep(PAUSE);
        }
    }

    private ExitCode report(Output output, Map<Long, Outcome> outcomes, String done) {
        if (outcomes.isEmpty() && !output.isJson()) {
            output.line("Nothing is in the quarantine of " + region + " that matches.");
        }
        boolean allDone = true;
        for (var one : outcomes.entrySet()) {
            allDone &= one.getValue().isGone();
            String text = QuarantineText.outcome(region, one.getValue(), done);
            if (output.isJson()) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("id", one.getKey());
                line.put("region", region);
                line.put("done", one.getValue().isGone());
                line.put("outcome", text);
                output.line(QuarantineText.write(line));
            } else {
                output.line(one.getKey() + "  " + text);
            }
        }
        return allDone ? ExitCode.OK : ExitCode.FAILED;
    }
}
