package org.anabranch.node.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.anabranch.node.config.Configuration;
import org.anabranch.node.config.ConfigurationException;
import org.anabranch.node.config.ConfigurationFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands share: their options, logging, and the way to the configuration. */
@picocli.CommandLine.Command
public abstract class Command implements Callable<Integer> {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "anabranch.yaml",
            description = "The configuration file (default: ${DEFAULT-VALUE}).")
    private Path config = Path.of("anabranch.yaml");

    @Option(names = "--json", description = "Answer in JSON, for programs.")
    private boolean json;

    @Option(
            names = {"-v", "--verbose"},
            description = "Log more, and print stack traces; -vv logs everything, the libraries included.")
    private boolean[] verbose = {};

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Print this help.")
    @SuppressWarnings("UnusedVariable") // picocli wants a field, and acts on it by itself
    private boolean help;

    @Spec
    private @Nullable CommandSpec spec;

    /**
     * Does the work. May throw {@link CommandException} or {@link ConfigurationException}, which become words and an exit
     * code; any other exception means exit code 1.
     */
    protected abstract ExitCode run(Output output) throws Exception;

    @Override
    public final Integer call() throws Exception {
        Logging.start(verbosity());
        return run(output()).code();
    }

    /** The configuration file as the user named it. */
    protected final Path configurationFile() {
        return config;
    }

    /**
     * Reads the configuration file. From then on its secrets are hidden in all output.
     *
     * @throws ConfigurationException with everything that is wrong, if anything is
     */
    protected final Configuration configuration() {
        Configuration configuration = ConfigurationFile.read(config);
        SecretMask.hide(configuration);
        return configuration;
    }

    final boolean isJson() {
        return json;
    }

    final int verbosity() {
        return verbose.length;
    }

    final Output output() {
        if (spec == null) {
            throw new IllegalStateException("command " + getClass().getName() + " was not started by picocli");
        }
        return new Output(spec.commandLine().getOut(), json, Ansi.AUTO.enabled());
    }
}
