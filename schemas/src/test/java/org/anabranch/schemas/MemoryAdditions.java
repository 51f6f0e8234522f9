package org.anabranch.schemas;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Of one row. */
final class MemoryAdditions implements AdditionsStore {

    private record Place(int cell, long stretch) {}

    private final Map<Place, byte[]> kept = new HashMap<>();

    @Override
    public byte @Nullable [] get(int cell, long stretch) {
        return kept.get(new Place(cell, stretch));
    }

    @Override
    public void put(int cell, long stretch, byte[] additions) {
        kept.put(new Place(cell, stretch), additions);
    }

    void forget() {
        kept.clear();
    }
}
