package org.anabranch.sandbox.demo;

import java.util.ArrayList;
import java.util.List;

/** The keys of the orders that the workload keeps, the oldest first. */
final class OrderWindow {

    private final List<Long> ids;

    OrderWindow(List<Long> oldestFirst) {
        this.ids = new ArrayList<>(oldestFirst);
    }

    int size() {
        return ids.size();
    }

    long id(int place) {
        return ids.get(place);
    }

    void add(long id) {
        ids.add(id);
    }

    /** As many as there are, at most so many. */
    List<Long> takeOldest(int count) {
        List<Long> oldest = ids.subList(0, Math.min(count, ids.size()));
        List<Long> taken = List.copyOf(oldest);
        oldest.clear();
        return taken;
    }
}
