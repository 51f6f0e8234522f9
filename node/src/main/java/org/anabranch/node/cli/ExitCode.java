package org.anabranch.node.cli;

/** How a command ended, for the shell. */
public enum ExitCode {
    OK(0),
    FAILED(1),
    INVALID_INPUT(2),
    /** A path is over the RPO, or regions hold different rows. */
    OVER_THE_RPO_OR_DIVERGED(3),
    SOMETHING_TO_APPLY(4);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
