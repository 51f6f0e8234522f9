package org.anabranch.schemas;

import org.jspecify.annotations.Nullable;

/** A record cannot be read. Reading it again may help only where the message says that a schema is not known yet. */
public final class UnreadableRecordException extends Exception {

    public UnreadableRecordException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
