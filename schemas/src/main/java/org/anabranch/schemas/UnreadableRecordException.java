package org.anabranch.schemas;

import org.jspecify.annotations.Nullable;

/** A record cannot be read. */
public final class UnreadableRecordException extends Exception {

    private final boolean mayHeal;

    public UnreadableRecordException(String message, @Nullable Throwable cause) {
        this(message, cause, false);
    }

    UnreadableRecordException(String message, @Nullable Throwable cause, boolean mayHeal) {
        super(message, cause);
        this.mayHeal = mayHeal;
    }

    /** Whether reading it again may help: its schema is not known yet. */
    public boolean mayHeal() {
        return mayHeal;
    }
}
