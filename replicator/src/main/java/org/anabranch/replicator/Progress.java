package org.anabranch.replicator;

import java.util.List;

/**
 * How far everything is applied: stored in the transaction that applies it.
 *
 * @param origins one for each origin that was ever seen
 * @param nextOffsets for each partition the smallest offset that is still needed
 */
record Progress(List<OfOrigin> origins, List<Long> nextOffsets) {

    Progress {
        origins = List.copyOf(origins);
        nextOffsets = List.copyOf(nextOffsets);
    }

    /**
     * Everything of the origin with a stamp up to (hybridMicros, number) is applied.
     *
     * @param replicatedUntilMicros commit time of the newest epoch wholly applied, 0 before the first
     */
    record OfOrigin(String origin, long hybridMicros, int number, long replicatedUntilMicros) {}
}
