package org.anabranch.conflict.simulation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What brings the changes of the other regions to one. */
final class Links {

    private final Region region;
    private final World world;
    private final Map<String, Integer> linked = new HashMap<>();
    private final Map<String, Integer> committed = new HashMap<>();
    private final Set<String> cut = new TreeSet<>();

    Links(Region region) {
        this.region = region;
        world = region.world;
    }

    boolean areDone() {
        for (Region other : world.regions) { // asked after every step, and no stream for that
            if (other != region && linked.getOrDefault(other.name, 0) < other.log.size()) {
                return false;
            }
        }
        return true;
    }

    void step(Region from) {
        int position = linked.getOrDefault(from.name, 0);
        if (from == region || cut.contains(from.name) || position >= from.log.size()) {
            return;
        }
        region.topic(from.name).add(from.log.get(position));
        linked.put(from.name, position + 1);
        if (world.choices.oneIn(3)) {
            committed.put(from.name, position + 1);
        }
    }

    void cut(Region from) {
        cut.add(from.name);
    }

    boolean areCut() {
        return !cut.isEmpty();
    }

    void mendOne() {
        String mended = world.choices.oneOf(List.copyOf(cut));
        cut.remove(mended);
        region.tell("the link from " + mended + " is mended");
    }

    void mendAll() {
        cut.clear();
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
