package org.anabranch.sandbox.demo;

import java.util.Objects;
import org.anabranch.sandbox.simulate.SimulateCommand;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** The program as it runs from a clone: the node's commands, and those of the sandbox. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine commandLine = org.anabranch.node.cli.Main.commandLine(new DemoCommand(), new SimulateCommand());
        // The demo writes its own configuration file, and its view is for people: 'status --json' is for programs.
        CommandLine demo = subcommand(commandLine, "demo");
        remove(demo, "--config");
        remove(demo, "--json");
        remove(subcommand(demo, "sql"), "--config");
        // It has no configuration, and its exit code says all.
        CommandLine simulate = subcommand(commandLine, "simulate");
        remove(simulate, "--config");
        remove(simulate, "--json");
        return commandLine;
    }

    private static CommandLine subcommand(CommandLine command, String name) {
        return Objects.requireNonNull(command.getSubcommands().get(name), name);
    }

    private static void remove(CommandLine command, String option) {
        CommandSpec spec = command.getCommandSpec();
        ArgSpec found = spec.findOption(option);
        if (found != null) {
            spec.remove(found);
        }
    }
}
