package org.anabranch.node.config;

/** What to do with a target table that has rows before its first copy. */
public enum Existing {
    /** Stop, and say so. */
    REFUSE,
    /** Leave its rows, and copy over those with the same key. */
    KEEP,
    /** Delete its rows first. */
    REPLACE
}
