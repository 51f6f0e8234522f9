package org.anabranch.node.cli;

import java.util.List;
import org.anabranch.replicator.QuarantineStore.Request;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Asks a region's applier to try changes again. */
@CommandLine.Command(
        name = "retry",
        description = {
            "Ask the region's node to try changes again, and wait for what becomes of them. The changes of a key are tried",
            "in the order in which they came, whichever of them is named; one that is refused again keeps those behind it.",
            "Mend first what the error names. Where the node does not run, they are tried when it does."
        },
        footerHeading = "%nExamples and exit codes:%n",
        footer = {
            "  anabranch quarantine retry 17 18 --region eu",
            "  anabranch quarantine retry --region eu --table public.orders",
            "  anabranch quarantine retry --region eu --all",
            "",
            "  0   all are applied",
            "  1   some are still refused, or the node has not taken them up; or the region could not be reached",
            "  2   a wrong option, or an error in the configuration"
        })
final class QuarantineRetryCommand extends QuarantineRequestCommand {

    @Option(names = "--table", paramLabel = "TABLE", description = "All of this table, or of those that match a glob.")
    private String table = "";

    @Option(names = "--all", description = "All that is in the region's quarantine.")
    private boolean all;

    @Override
    protected ExitCode run(Output output) throws Exception {
        if ((ids().isEmpty() ? 0 : 1) + (table.isEmpty() ? 0 : 1) + (all ? 1 : 0) != 1) {
            throw wrong("retry", "needs either ids, or --table, or --all", "write one of them");
        }
        List<Long> chosen = ids().isEmpty() ? matching(TableOption.predicate(all ? null : table)) : named();
        return ask(output, chosen, Request.RETRY, "applied");
    }
}
