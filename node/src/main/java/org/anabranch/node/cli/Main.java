package org.anabranch.node.cli;

import java.util.List;
import java.util.TimeZone;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;

/** The program. */
public final class Main {

    private static final List<Check> CHECKS = List.of(new ServerChecks());
    private static final int USAGE_WIDTH = 110;

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /**
     * The program's command line.
     *
     * @param extraCommands commands of other modules: objects with picocli's annotation, mostly {@link Command}s
     */
    public static CommandLine commandLine(Object... extraCommands) {
        // The PostgreSQL driver tells every server this zone, also where the settings of a session say another.
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        return commandLine(CHECKS, extraCommands);
    }

    static CommandLine commandLine(List<Check> checks, Object... extraCommands) {
        CommandLine commandLine = new CommandLine(new Anabranch());
        for (Object extra : extraCommands) {
            commandLine.addSubcommand(extra);
        }
        return commandLine
                .addSubcommand(new CheckCommand(checks))
                .addSubcommand(new ConflictsCommand())
                .addSubcommand(QuarantineCommand.withSubcommands())
                .addSubcommand(new RunCommand())
                .addSubcommand(new StatusCommand())
                .addSubcommand(new TailCommand())
                .addSubcommand(new GenerateCompletion())
                .setUsageHelpWidth(USAGE_WIDTH)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Failures::parameters)
                .setExecutionExceptionHandler(Failures::execution);
    }
}
