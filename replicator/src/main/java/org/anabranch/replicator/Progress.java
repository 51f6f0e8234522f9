package org.anabranch.replicator;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.anabranch.conflict.Stamp;

/**
 * How far everything is applied: stored in the transaction that applies it.
 *
 * @param origins one for each origin that was ever seen
 * @param nextOffsets for each partition the smallest offset that is still needed
 * @param generations for each partition the {@link Generation} of the resolver that counts at its offset; -1 before the first
 */
record Progress(List<OfOrigin> origins, List<Long> nextOffsets, List<Long> generations) {

    Progress {
        origins = List.copyOf(origins);
        nextOffsets = List.copyOf(nextOffsets);
        generations = List.copyOf(generations);
    }

    /** Some origins' epochs are not wholly applied: they are replicated until no later than before. */
    Progress heldBack(Set<String> held, Progress before) {
        if (held.isEmpty()) {
            return this;
        }
        Map<String, Long> until = new HashMap<>();
        before.origins.forEach(origin -> until.put(origin.origin(), origin.replicatedUntilMicros()));
        List<OfOrigin> all = origins.stream()
                .map(origin -> held.contains(origin.origin())
                        ? new OfOrigin(
                                origin.origin(),
                                origin.hybridMicros(),
                                origin.number(),
                                until.getOrDefault(origin.origin(), 0L))
                        : origin)
                .toList();
        return new Progress(all, nextOffsets, generations);
    }

    /**
     * Everything of the origin with a stamp up to (hybridMicros, number) is applied.
     *
     * @param replicatedUntilMicros commit time of the newest epoch wholly applied, 0 before the first
     */
    record OfOrigin(String origin, long hybridMicros, int number, long replicatedUntilMicros) {

        Stamp until() {
            return new Stamp(hybridMicros, number, origin);
        }
    }
}
