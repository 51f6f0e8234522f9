package org.anabranch.conflict.simulation;

import java.util.HashMap;
import java.util.Map;

/** What brings the changes of the other regions to one. */
final class Links {

    private final Region region;
    private final World world;
    private final Map<String, Integer> linked = new HashMap<>();
    private final Map<String, Integer> committed = new HashMap<>();

    Links(Region region) {
        this.region = region;
        world = region.world;
    }

    boolean areDone() {
        return world.regions.stream()
                .allMatch(other -> other == region || linked.getOrDefault(other.name, 0) == other.log.size());
    }

    void step(Region from) {
        int position = linked.getOrDefault(from.name, 0);
        if (from == region || position >= from.log.size()) {
            return;
        }
        region.topic(from.name).add(from.log.get(position));
        linked.put(from.name, position + 1);
        if (world.choices.below(3) == 0) {
            committed.put(from.name, position + 1);
        }
    }

    void restart() {
        region.tell("its links are killed");
        linked.clear();
        linked.putAll(committed);
        if (world.has(Bug.LINK_STARTS_ONE_LATE)) {
            linked.replaceAll((origin, position) -> position + 1);
        }
    }
}
