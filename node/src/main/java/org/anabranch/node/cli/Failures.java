package org.anabranch.node.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.anabranch.node.config.ConfigurationException;
import org.anabranch.schemas.Finding;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what a command throws into words and an exit code. Stack traces are for those who ask with -v. */
final class Failures {

    private Failures() {}

    /** Wrong options. */
    static int parameters(ParameterException e, String[] arguments) {
        CommandLine commandLine = e.getCommandLine();
        Output err = new Output(commandLine.getErr(), false, Ansi.AUTO.enabled());
        String name = commandLine.getCommandSpec().qualifiedName();
        err.line(name + ": " + e.getMessage());
        UnmatchedArgumentException.printSuggestions(e, commandLine.getErr());
        err.line("Try '" + name + " --help'.");
        return ExitCode.INVALID_INPUT.code();
    }

    /** Everything that goes wrong while a command runs. */
    static int execution(Exception e, CommandLine commandLine, ParseResult parsed) {
        Command command = commandLine.getCommand() instanceof Command own ? own : null;
        List<Finding> findings = findings(e, commandLine);
        ExitCode exitCode = exitCode(e);
        boolean verbose = command != null && command.verbosity() > 0;
        Output err = new Output(commandLine.getErr(), false, Ansi.AUTO.enabled());
        if (verbose) {
            err.line(stackTrace(e));
        }
        if (command != null && command.isJson()) {
            command.output()
                    .json(Map.of(
                            "exitCode", exitCode.code(),
                            "findings", findings.stream().map(Output::document).toList()));
        } else {
            err.findings(findings);
        }
        return exitCode.code();
    }

    private static ExitCode exitCode(Exception e) {
        return switch (e) {
            case ConfigurationException invalid -> ExitCode.INVALID_INPUT;
            case CommandException told -> told.exitCode();
            default -> ExitCode.FAILED;
        };
    }

    private static List<Finding> findings(Exception e, CommandLine commandLine) {
        return switch (e) {
            case ConfigurationException invalid -> Findings.allOf(invalid);
            case CommandException told -> told.findings();
            default -> List.of(unexpected(e, commandLine));
        };
    }

    private static Finding unexpected(Exception e, CommandLine commandLine) {
        String what = e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
        return new Finding(
                Finding.Severity.ERROR,
                commandLine.getCommandSpec().qualifiedName(),
                what,
                "run it again with -v for the stack trace");
    }

    private static String stackTrace(Exception e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text, true));
        return text.toString().stripTrailing();
    }
}
