package org.anabranch.schemas;

/** A part cannot go on without losing something. The message says what, where, and what to do. */
public class PartFailedException extends Exception {

    public PartFailedException(String message) {
        super(message);
    }

    public PartFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
