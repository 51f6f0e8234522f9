package org.anabranch.schemas;

/**
 * One thing that a check found.
 *
 * @param severity how bad it is
 * @param where the place: file:line:column, or an object's name in a region
 * @param what what is wrong there, with the value (secrets never)
 * @param fix what to do, statements included; empty where there is nothing to do
 */
public record Finding(Severity severity, String where, String what, String fix) {

    /** How bad a finding is. */
    public enum Severity {
        /** Good to know. */
        INFO,
        /** It works, and may not be what was meant. */
        WARNING,
        /** Could not be looked at: a server is away, or a password is wrong. */
        UNREACHABLE,
        /** It cannot work like this. */
        ERROR
    }

    /** One line: {@code where: what; fix}. */
    @Override
    public String toString() {
        String mend = fix.isEmpty() ? "" : "; " + fix;
        return switch (severity) {
            case ERROR, INFO -> where + ": " + what + mend;
            case UNREACHABLE -> where + ": unreachable: " + what + mend;
            case WARNING -> where + ": warning: " + what + mend;
        };
    }

    public static Finding error(String where, String what, String fix) {
        return new Finding(Severity.ERROR, where, what, fix);
    }

    public static Finding warning(String where, String what, String fix) {
        return new Finding(Severity.WARNING, where, what, fix);
    }

    public static Finding unreachable(String where, String what, String fix) {
        return new Finding(Severity.UNREACHABLE, where, what, fix);
    }

    public static Finding info(String where, String what) {
        return new Finding(Severity.INFO, where, what, "");
    }
}
