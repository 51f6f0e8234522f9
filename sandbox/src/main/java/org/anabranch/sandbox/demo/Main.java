package org.anabranch.sandbox.demo;

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
        CommandLine commandLine = org.anabranch.node.cli.Main.commandLine(new DemoCommand());
        CommandLine demo = commandLine.getSubcommands().get("demo");
        // The demo writes its own configuration file, and its view is for people: 'status --json' is for programs.
        remove(demo, "--config");
        remove(demo, "--json");
        remove(demo.getSubcommands().get("sql"), "--config");
        return commandLine;
    }

    private static void remove(CommandLine command, String option) {
        CommandSpec spec = command.getCommandSpec();
        ArgSpec found = spec.findOption(option);
        if (found != null) {
            spec.remove(found);
        }
    }
}
