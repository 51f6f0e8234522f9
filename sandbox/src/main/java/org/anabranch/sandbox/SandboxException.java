package org.anabranch.sandbox;

/** A part of the sandbox could not be started, stopped or reached. The message says which, where and what to do. */
public final class SandboxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SandboxException(String message) {
        super(message);
    }

    SandboxException(String message, Throwable cause) {
        super(message, cause);
    }

    /** For an interrupted wait: keeps the thread's interrupt flag set. */
    static SandboxException interrupted(String doing, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new SandboxException("Interrupted while " + doing, cause);
    }
}
