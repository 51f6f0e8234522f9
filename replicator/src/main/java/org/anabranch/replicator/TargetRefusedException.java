package org.anabranch.replicator;

/** A target table may not be written as it is. Nothing was applied; it may be tried again, and heals when someone acts. */
final class TargetRefusedException extends Exception {

    TargetRefusedException(String message) {
        super(message);
    }
}
