package org.anabranch.node.cli;

import java.io.IOException;
import java.util.List;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.region.RegionSettings;
import org.anabranch.replicator.QuarantineStore;
import org.anabranch.replicator.QuarantineStore.Detail;
import org.anabranch.schemas.Finding;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints all that is known of one change in quarantine. */
@CommandLine.Command(
        name = "show",
        description = {
            "Print one change with its values, the row that stands in the table now, what its error means, and what to",
            "type next."
        },
        footerHeading = "%nExamples and exit codes:%n",
        footer = {
            "  anabranch quarantine show 17 --region eu",
            "",
            "  0   it is printed",
            "  1   the region could not be reached",
            "  2   there is no such change, a wrong option, or an error in the configuration"
        })
final class QuarantineShowCommand extends Command {

    @Parameters(paramLabel = "ID", description = "As in 'anabranch quarantine list'.")
    private long id;

    @Option(
            names = "--region",
            paramLabel = "NAME",
            required = true,
            description = "The region that could not apply it.")
    private String region = "";

    @Override
    protected ExitCode run(Output output) throws Exception {
        Pipeline pipeline = configuration().pipeline();
        Region named = Regions.named(pipeline, region);
        Detail detail;
        try {
            detail = QuarantineStore.show(new RegionSettings(pipeline, named).applier(), id)
                    .orElseThrow(this::notThere);
        } catch (IOException e) {
            throw Regions.unreachable(
                    region, String.valueOf(e.getMessage()), "start its database, or correct postgres.url");
        }
        if (output.isJson()) {
            output.line(QuarantineText.json(region, detail));
        } else {
            QuarantineText.lines(region, detail).forEach(output::line);
        }
        return ExitCode.OK;
    }

    private CommandException notThere() {
        return new CommandException(
                ExitCode.INVALID_INPUT,
                List.of(Finding.error(
                        String.valueOf(id),
                        "is not in the quarantine of '" + region + "'",
                        "anabranch quarantine list --region " + region + " shows what is")));
    }
}
