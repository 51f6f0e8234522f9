package org.anabranch.node.cli;

import java.util.List;
import org.anabranch.replicator.QuarantineStore.Request;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Asks a region's applier to give changes up. */
@CommandLine.Command(
        name = "discard",
        description = {
            "Give changes up: they are never applied in that region, so its row stays different from its origin's until a",
            "later change of the row is applied. What waits behind them is tried after it, without what was given up.",
            "Other regions are not touched."
        },
        footerHeading = "%nExamples and exit codes:%n",
        footer = {
            "  anabranch quarantine show 17 --region eu        look at it first: nothing brings it back",
            "  anabranch quarantine discard 17 --region eu --yes",
            "",
            "  0   they are given up",
            "  1   the node has not taken it up yet, or the region could not be reached",
            "  2   --yes is missing, a wrong option, or an error in the configuration"
        })
final class QuarantineDiscardCommand extends QuarantineRequestCommand {

    @Option(names = "--yes", description = "Yes, what these changes hold is to be lost in this region.")
    private boolean yes;

    @Override
    protected ExitCode run(Output output) throws Exception {
        if (ids().isEmpty()) {
            throw wrong("discard", "needs ids", "take them from 'anabranch quarantine list'");
        }
        List<Long> chosen = named();
        if (!yes) {
            throw wrong(
                    "discard",
                    "would lose " + chosen.size() + (chosen.size() == 1 ? " change" : " changes") + " in '" + region()
                            + "' for good",
                    "look with 'anabranch quarantine show " + chosen.getFirst() + " --region " + region()
                            + "', then add --yes");
        }
        return ask(output, chosen, Request.DISCARD, "given up");
    }
}
