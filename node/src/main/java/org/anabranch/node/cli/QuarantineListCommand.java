package org.anabranch.node.cli;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.anabranch.node.config.Durations;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.region.RegionSettings;
import org.anabranch.replicator.QuarantineStore;
import org.anabranch.replicator.QuarantineStore.Entry;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Prints what is in the regions' quarantines. */
@CommandLine.Command(
        name = "list",
        description = {
            "Print the changes that regions could not apply, the oldest first, one a line: id, region, table, key,",
            "operation, origin, when, error. With --json one object a line."
        },
        footerHeading = "%nExamples and exit codes:%n",
        footer = {
            "  anabranch quarantine list",
            "  anabranch quarantine list --region eu --table public.orders --since 1h",
            "  anabranch quarantine list --json | jq .error",
            "",
            "  0   all regions were read, also if nothing is in quarantine",
            "  1   a region could not be reached; the others are printed",
            "  2   a wrong option, or an error in the configuration"
        })
final class QuarantineListCommand extends Command {

    @Option(names = "--table", paramLabel = "TABLE", description = "Only this table, or those that match a glob.")
    private @Nullable String table;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Only what was put there in the last time of this length: 30s, 10m, 1h, 7d.")
    private @Nullable String since;

    @Option(names = "--region", paramLabel = "NAME", description = "Only this region (default: all).")
    private @Nullable String region;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "1000",
            description = "No more than so many of each region (default: ${DEFAULT-VALUE}).")
    private int limit = 1000;

    @Override
    protected ExitCode run(Output output) throws Exception {
        Pipeline pipeline = configuration().pipeline();
        List<Region> asked =
                region == null ? List.copyOf(pipeline.regions().values()) : List.of(Regions.named(pipeline, region));
        Predicate<TableName> tables = TableOption.predicate(table);
        Instant from = since == null
                ? Instant.EPOCH
                : Instant.now().minus(Durations.parse(since).orElseThrow(this::noTime));
        List<Finding> unreached = new ArrayList<>();
        int found = 0;
        for (Region one : asked) {
            RegionSettings settings = new RegionSettings(pipeline, one);
            try {
                found += settings.receives() ? print(output, settings, tables, from) : 0;
            } catch (IOException e) {
                unreached.add(Finding.unreachable(
                        "region " + one.name(),
                        String.valueOf(e.getMessage()),
                        "start its database, or correct postgres.url"));
            }
        }
        if (!unreached.isEmpty()) {
            throw new CommandException(ExitCode.FAILED, unreached);
        }
        if (found == 0 && !output.isJson()) {
            output.line("Nothing is in quarantine.");
        }
        return ExitCode.OK;
    }

    private int print(Output output, RegionSettings settings, Predicate<TableName> tables, Instant from)
            throws IOException {
        String name = settings.region().name();
        int max = Math.max(limit, 0);
        Optional<List<Entry>> read =
                QuarantineStore.list(settings.applier().database(), tables, from, max + 1); // one more tells of more
        List<Entry> entries = read.orElse(List.of());
        for (Entry entry : entries.subList(0, Math.min(entries.size(), max))) {
            output.line(output.isJson() ? QuarantineText.json(name, entry) : QuarantineText.line(name, entry));
        }
        if (entries.size() > max && !output.isJson()) {
            output.line("There are more in " + name + "; --limit shows them.");
        }
        return entries.size();
    }

    private CommandException noTime() {
        return new CommandException(
                ExitCode.INVALID_INPUT,
                List.of(Finding.error(
                        "--since",
                        "'" + since + "' is no time",
                        "write a number and s, m, h or d, as in '--since 1h'")));
    }
}
