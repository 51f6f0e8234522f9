package org.anabranch.replicator;

import java.time.Duration;

/**
 * How much of the journal of conflicts is kept.
 *
 * @param keep for how long
 * @param rows of these no more than so many, the newest
 */
public record JournalLimits(Duration keep, int rows) {

    public static final JournalLimits DEFAULT = new JournalLimits(Duration.ofDays(7), 1_000_000);
}
