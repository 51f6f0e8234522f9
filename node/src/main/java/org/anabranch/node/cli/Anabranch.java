package org.anabranch.node.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command above all others: it has none of its own work. */
@CommandLine.Command(
        name = "anabranch",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Replicates PostgreSQL tables between regions: what is committed in the hub is in every spoke,",
            "within the RPO, transaction by transaction.",
            "",
            "One file, anabranch.yaml, says which regions and which tables. Every region runs a node."
        },
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands (each has --config FILE, --json and --help):%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            " 0:done, all is well",
            " 1:failed: something could not be reached, or went wrong",
            " 2:invalid input: a wrong option, or an error in the configuration",
            " 3:over the RPO, or regions hold different rows",
            " 4:there is something to apply"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  anabranch check                          is anabranch.yaml good, and all that it names?",
            "  anabranch check --config shop.yaml --json",
            "  source <(anabranch generate-completion)  complete commands and options in bash and zsh",
            "",
            "ANABRANCH_CLASSPATH names jars with merge policies of your own, as in a.jar:b.jar or 'policies/*'."
        })
final class Anabranch implements Runnable {

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "a command is missing");
        }
    }
}
