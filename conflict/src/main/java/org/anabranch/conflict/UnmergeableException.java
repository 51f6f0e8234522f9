package org.anabranch.conflict;

/** A value that its column's policy can do nothing with. The change goes to quarantine, in every region alike. */
public final class UnmergeableException extends RuntimeException {

    public UnmergeableException(String message, Throwable cause) {
        super(message, cause);
    }

    public UnmergeableException(String message) {
        super(message);
    }
}
