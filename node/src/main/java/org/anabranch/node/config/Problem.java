package org.anabranch.node.config;

/**
 * Something about a file that the user should know.
 *
 * @param severity whether it stops the file from being used
 * @param at where
 * @param what what is wrong, with the value, unless that is a secret
 * @param fix what to do
 */
public record Problem(Severity severity, Position at, String what, String fix) {

    /** Whether the file can be used all the same. */
    public enum Severity {
        ERROR,
        WARNING
    }

    /** One line: {@code file:line:column: what; fix}. */
    @Override
    public String toString() {
        String kind = severity == Severity.WARNING ? "warning: " : "";
        return at + ": " + kind + what + "; " + fix;
    }
}
