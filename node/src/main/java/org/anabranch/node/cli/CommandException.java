package org.anabranch.node.cli;

import java.util.List;
import java.util.stream.Collectors;
import org.anabranch.schemas.Finding;

/** Ends a command with words for the user and an exit code. */
public final class CommandException extends RuntimeException {

    private final ExitCode exitCode;
    private final transient List<Finding> findings;

    /**
     * @param exitCode how the command ends
     * @param findings why, for the user; not empty
     */
    public CommandException(ExitCode exitCode, List<Finding> findings) {
        super(findings.stream().map(Finding::toString).collect(Collectors.joining(System.lineSeparator())));
        this.exitCode = exitCode;
        this.findings = List.copyOf(findings);
    }

    public ExitCode exitCode() {
        return exitCode;
    }

    public List<Finding> findings() {
        return findings;
    }
}
