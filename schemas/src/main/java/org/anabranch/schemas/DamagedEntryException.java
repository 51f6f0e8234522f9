package org.anabranch.schemas;

/** Parts of what is remembered of a row are not of one time: its store has to be built again from what made it durable. */
public final class DamagedEntryException extends IllegalStateException {

    public DamagedEntryException(String message) {
        super(message);
    }
}
