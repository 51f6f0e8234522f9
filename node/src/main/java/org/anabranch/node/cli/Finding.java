package org.anabranch.node.cli;

import java.util.List;
import org.anabranch.node.config.ConfigurationException;
import org.anabranch.node.config.Problem;

/**
 * What a check has found.
 *
 * @param severity how bad it is
 * @param where a place in a file, or the name of an object: {@code region eu, table public.customers}
 * @param what what is wrong, with the value, unless that is a secret
 * @param fix what to do
 */
public record Finding(Severity severity, String where, String what, String fix) {

    /** How bad it is, and so how the command ends. */
    public enum Severity {
        /** Wrong until somebody changes something: exit code 2. */
        ERROR,
        /** Could not be looked at, and may be well later: exit code 1. */
        UNREACHABLE,
        /** Works, and should be better. */
        WARNING
    }

    static Finding of(Problem problem) {
        Severity severity =
                switch (problem.severity()) {
                    case ERROR -> Severity.ERROR;
                    case WARNING -> Severity.WARNING;
                };
        return new Finding(severity, problem.at().toString(), problem.what(), problem.fix());
    }

    static Finding of(org.anabranch.schemas.Finding found) {
        Severity severity =
                switch (found.severity()) {
                    case ERROR -> Severity.ERROR;
                    case UNREACHABLE -> Severity.UNREACHABLE;
                    case WARNING, INFO -> Severity.WARNING;
                };
        return new Finding(severity, found.where(), found.what(), found.fix());
    }

    static List<Finding> allOf(ConfigurationException exception) {
        return exception.problems().stream().map(Finding::of).toList();
    }

    /** One line: {@code where: what; fix}. */
    @Override
    public String toString() {
        return switch (severity) {
            case ERROR -> where + ": " + what + mend();
            case UNREACHABLE -> where + ": unreachable: " + what + mend();
            case WARNING -> where + ": warning: " + what + mend();
        };
    }

    private String mend() {
        return fix.isEmpty() ? "" : "; " + fix;
    }
}
