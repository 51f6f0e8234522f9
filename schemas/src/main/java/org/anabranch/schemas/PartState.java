package org.anabranch.schemas;

/** How a part is. */
public enum PartState {
    STARTING,
    /** Something that it needs is away or not ready; it tries again by itself. */
    WAITING,
    /** A first copy is under way. */
    COPYING,
    RUNNING,
    /** It cannot go on without losing something; the detail says what, and the command that mends it. */
    FAILED,
    STOPPED
}
