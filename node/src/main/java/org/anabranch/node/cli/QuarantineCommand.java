package org.anabranch.node.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands about changes that a region could not apply; it has none of its own work. */
@CommandLine.Command(
        name = "quarantine",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Look at changes that a region could not apply, try them again, or give them up.",
            "",
            "A row that a table refuses (a constraint, a type, a missing column) is put aside in that region's database, in",
            "anabranch.quarantine, with its error. Later changes of the same key wait behind it; all other rows go on.",
            "What only needs time (a lock, a full disk, a lost connection) is never put aside: it is tried until it goes."
        },
        commandListHeading = "%nCommands:%n",
        footerHeading = "%nExamples and exit codes:%n",
        footer = {
            "  anabranch quarantine list",
            "  anabranch quarantine show 17 --region eu",
            "  anabranch quarantine retry --region eu --table public.orders",
            "  anabranch quarantine discard 17 --region eu --yes",
            "",
            "  0   done",
            "  1   a region could not be reached, or a change is still refused, or was not taken up in time",
            "  2   a wrong option, or an error in the configuration"
        })
final class QuarantineCommand implements Runnable {

    @Spec
    private @Nullable CommandSpec spec;

    static CommandLine withSubcommands() {
        return new CommandLine(new QuarantineCommand())
                .addSubcommand(new QuarantineListCommand())
                .addSubcommand(new QuarantineShowCommand())
                .addSubcommand(new QuarantineRetryCommand())
                .addSubcommand(new QuarantineDiscardCommand());
    }

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "one of list, show, retry and discard is missing");
        }
    }
}
