package org.anabranch.schemas;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Of one row. */
final class MemoryAdditions implements AdditionsStore {

    private final Map<Place, byte[]> kept = new HashMap<>();

    @Override
    public byte @Nullable [] get(Place place) {
        return kept.get(place);
    }

    @Override
    public void put(Place place, byte[] additions) {
        kept.put(place, additions);
    }

    int size() {
        return kept.size();
    }

    void forget() {
        kept.clear();
    }
}
