package org.anabranch.node.cli;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.anabranch.node.config.Durations;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.region.RegionSettings;
import org.anabranch.replicator.ConflictReader;
import org.anabranch.replicator.ConflictReader.Recorded;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Shows the regions' journals of conflicts as one. */
@CommandLine.Command(
        name = "conflicts",
        description = {
            "Print conflicts, newest first: two changes of one row, made in two regions, neither having seen the other,",
            "so that one of them lost what it wrote. What can be merged without a loss (counters, sets, min, max) is no",
            "conflict, and neither is a write over what its writer had seen.",
            "",
            "Every region keeps the journal in its own database, in the table anabranch.conflicts, and all keep the same;",
            "a conflict that several have is printed once. It holds both rows: what was lost can be taken from there.",
            "With --json one object a line."
        },
        footerHeading = "%nExamples and exit codes:%n",
        footer = {
            "  anabranch conflicts --since 1h",
            "  anabranch conflicts --table public.inventory --region eu",
            "  anabranch conflicts --json | jq 'select(.losses[].policy == \"delete: wins\") | .earlier.row'",
            "",
            "  0   all journals were read, also if nothing stands in them",
            "  1   a region could not be reached; the others are printed",
            "  2   a wrong option, or an error in the configuration"
        })
final class ConflictsCommand extends Command {

    @Option(names = "--table", paramLabel = "TABLE", description = "Only this table, or those that match a glob.")
    private @Nullable String table;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Only what was recorded in the last time of this length: 30s, 10m, 1h, 7d.")
    private @Nullable String since;

    @Option(names = "--region", paramLabel = "NAME", description = "Only this region's journal (default: all).")
    private @Nullable String region;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "1000",
            description = "No more than so many, the newest (default: ${DEFAULT-VALUE}).")
    private int limit = 1000;

    /** What one region's database says; a finding where it says nothing. */
    private record Answer(String region, List<Recorded> conflicts, Optional<Finding> finding) {}

    /**
     * A conflict, and the regions whose journals have it.
     *
     * @param recorded as the first of them has it
     */
    record Found(Recorded recorded, List<String> regions) {}

    @Override
    protected ExitCode run(Output output) throws Exception {
        Pipeline pipeline = configuration().pipeline();
        List<Region> asked =
                region == null ? List.copyOf(pipeline.regions().values()) : List.of(Regions.named(pipeline, region));
        Predicate<TableName> tables = TableOption.predicate(table);
        Instant from = since == null
                ? Instant.EPOCH
                : Instant.now().minus(Durations.parse(since).orElseThrow(this::noTime));
        List<Answer> answers = answers(pipeline, asked, tables, from);
        List<Found> found = merged(answers);
        for (Found one : found.subList(0, Math.min(found.size(), limit))) {
            if (output.isJson()) {
                output.line(ConflictText.json(one));
            } else {
                ConflictText.lines(one).forEach(output::line);
            }
        }
        List<Finding> findings =
                answers.stream().flatMap(answer -> answer.finding().stream()).toList();
        if (!output.isJson()) {
            summary(output, found.size(), findings);
        }
        List<Finding> unreached = findings.stream()
                .filter(finding -> finding.severity() == Finding.Severity.UNREACHABLE)
                .toList();
        if (!unreached.isEmpty()) {
            throw new CommandException(ExitCode.FAILED, unreached);
        }
        return ExitCode.OK;
    }

    private void summary(Output output, int found, List<Finding> findings) {
        if (found > limit) {
            output.line("There are more; --limit shows them.");
        }
        output.findings(findings.stream()
                .filter(finding -> finding.severity() == Finding.Severity.INFO)
                .toList());
        if (found == 0 && findings.isEmpty()) {
            output.line("No conflicts are recorded.");
        }
    }

    private CommandException noTime() {
        return new CommandException(
                ExitCode.INVALID_INPUT,
                List.of(Finding.error(
                        "--since",
                        "'" + since + "' is no time",
                        "write a number and s, m, h or d, as in '--since 1h'")));
    }

    private List<Answer> answers(Pipeline pipeline, List<Region> regions, Predicate<TableName> tables, Instant from)
            throws Exception {
        List<Future<Answer>> asked = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Region one : regions) {
                asked.add(executor.submit(() -> answer(new RegionSettings(pipeline, one), tables, from)));
            }
        }
        List<Answer> answers = new ArrayList<>();
        for (Future<Answer> answer : asked) {
            answers.add(answer.get());
        }
        return answers;
    }

    private Answer answer(RegionSettings settings, Predicate<TableName> tables, Instant from) {
        String name = settings.region().name();
        String where = "region " + name;
        if (!settings.receives()) {
            String what = "no other region's changes come there, so it has no journal";
            return new Answer(name, List.of(), Optional.of(Finding.info(where, what)));
        }
        try {
            // One more than is shown tells whether there are more.
            return ConflictReader.read(settings.applier().database(), tables, from, Math.max(limit, 0) + 1)
                    .map(read -> new Answer(name, read, Optional.empty()))
                    .orElseGet(() -> new Answer(
                            name,
                            List.of(),
                            Optional.of(Finding.info(
                                    where,
                                    "there is no table anabranch.conflicts yet; its node makes it: anabranch run --region "
                                            + name))));
        } catch (IOException e) {
            return new Answer(
                    name,
                    List.of(),
                    Optional.of(Finding.unreachable(
                            where, String.valueOf(e.getMessage()), "start its database, or correct postgres.url")));
        }
    }

    /** The newest first, by a time that is the same in all journals. */
    private static List<Found> merged(List<Answer> answers) {
        Map<UUID, Found> found = new LinkedHashMap<>();
        for (Answer answer : answers) {
            for (Recorded recorded : answer.conflicts()) {
                found.computeIfAbsent(recorded.id(), id -> new Found(recorded, new ArrayList<>()))
                        .regions()
                        .add(answer.region());
            }
        }
        Comparator<Found> byStamp =
                Comparator.comparing(one -> one.recorded().conflict().later().stamp());
        return found.values().stream().sorted(byStamp.reversed()).toList();
    }
}
