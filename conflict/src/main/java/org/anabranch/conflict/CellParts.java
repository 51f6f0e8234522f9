package org.anabranch.conflict;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** What a {@link Cell} holds, without its policy: what is to be kept or sent, and {@link RowMerge#state} puts the policy back in. */
public sealed interface CellParts {

    /** What a message calls it. */
    String kind();

    /**
     * Of a {@link Register}.
     *
     * @param writes those of which none has seen another; at least one
     * @param seen all that it has ever seen, but for what is settled
     */
    record RegisterParts(List<Write> writes, Context seen) implements CellParts {
        public RegisterParts {
            writes = List.copyOf(writes);
            if (writes.isEmpty()) {
                throw new IllegalArgumentException("a register without a write");
            }
        }

        @Override
        public String kind() {
            Values values = writes.getFirst().values();
            return values == null ? "a delete" : "a write of " + values.size() + " columns";
        }

        /** Whether so many columns were written each time. */
        boolean hasColumns(int columns) {
            for (Write write : writes) {
                Values values = write.values();
                if (values == null || values.size() != columns) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * Of a {@link Counter}.
     *
     * @param inserted stamp of the newest insert; null if none has come yet
     * @param base what the insert set, and all additions that are settled
     * @param additions by the number of their stretch of time
     */
    record CounterParts(@Nullable Stamp inserted, BigDecimal base, SortedMap<Long, Additions> additions)
            implements CellParts {
        @Override
        public String kind() {
            return "a counter";
        }
    }

    /**
     * Of an {@link ElementSet}.
     *
     * @param inserted stamp of the newest insert; null if none has come yet
     * @param marks one for each element
     */
    record SetParts(@Nullable Stamp inserted, List<Mark> marks) implements CellParts {

        /** What was done to an element last: it was added, or removed. */
        public record Mark(@Nullable String element, Stamp stamp, boolean present) {}

        @Override
        public String kind() {
            return "a set";
        }
    }

    /**
     * Of an {@link Extreme}.
     *
     * @param inserted stamp of the newest insert; null if none has come yet
     */
    record ExtremeParts(@Nullable Stamp inserted, Map<Stamp, String> values) implements CellParts {
        @Override
        public String kind() {
            return "a least or greatest value";
        }
    }
}
