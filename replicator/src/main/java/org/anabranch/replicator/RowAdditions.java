package org.anabranch.replicator;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.anabranch.conflict.Additions;
import org.anabranch.conflict.CellParts;
import org.anabranch.conflict.CellParts.CounterParts;
import org.anabranch.conflict.RowEntry;
import org.anabranch.schemas.AdditionsStore;
import org.jspecify.annotations.Nullable;

/** Of one row: additions to its counters, beside the row's entry in the same {@link RowStore}. */
final class RowAdditions implements AdditionsStore {

    private final RowStore store;
    private final byte kind;
    private final byte[] recordKey;

    private final Set<Place> before = new HashSet<>();
    private final Set<Place> put = new HashSet<>();

    /** @param kind the letter that their keys begin with */
    RowAdditions(RowStore store, byte kind, byte[] recordKey) {
        this.store = store;
        this.kind = kind;
        this.recordKey = recordKey;
    }

    @Override
    public byte @Nullable [] get(Place place) {
        return store.get(key(place));
    }

    @Override
    public void put(Place place, byte[] additions) {
        store.put(key(place), additions);
        put.add(place);
    }

    /** Remembers what the row's entry refers to, as it was read. */
    void areOf(RowEntry entry) {
        before.addAll(places(entry));
    }

    /**
     * Removes what nothing refers to any more.
     *
     * @param entry as it was written; null if nothing is left of it
     */
    void removeOthers(@Nullable RowEntry entry) {
        before.removeAll(put);
        if (entry != null && !before.isEmpty()) {
            before.removeAll(places(entry));
        }
        before.forEach(place -> store.put(key(place), null));
    }

    private static Set<Place> places(RowEntry entry) {
        Set<Place> places = new HashSet<>();
        List<@Nullable CellParts> cells = entry.state().parts().cells();
        for (int cell = 0; cell < cells.size(); cell++) {
            if (cells.get(cell) instanceof CounterParts counter) {
                for (Map.Entry<Long, Additions> each : counter.additions().entrySet()) {
                    if (!each.getValue().isHere()) {
                        places.add(
                                new Place(cell, each.getKey(), each.getValue().name()));
                    }
                }
            }
        }
        return places;
    }

    private byte[] key(Place place) {
        return ByteBuffer.allocate(1 + recordKey.length + Integer.BYTES + 2 * Long.BYTES)
                .put(kind)
                .put(recordKey)
                .putInt(place.cell())
                .putLong(place.stretch())
                .putLong(place.name())
                .array();
    }
}
