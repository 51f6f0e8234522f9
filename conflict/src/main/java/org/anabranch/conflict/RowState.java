package org.anabranch.conflict;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that was done to a row, as far as it matters: whether it is there, and a cell for each rule of its table. A join
 * semilattice, like its parts. Made and read by {@link RowMerge}. Immutable.
 *
 * @param life the last write of the row and the last delete that it has not seen, or the other way round
 * @param cells null where nothing has been written yet
 * @param image the newest whole row, for columns of which only additions have come yet; null once there are none
 * @param claim the newest change that gave the row the values that no other row may have; null while none is merged in
 */
public record RowState(
        Register life,
        List<@Nullable Cell> cells,
        @Nullable Register image,
        @Nullable Stamp claim) {

    public RowState {
        cells = Collections.unmodifiableList(new ArrayList<>(cells));
    }

    /** Takes it apart. */
    public RowParts parts() {
        List<@Nullable CellParts> parts = new ArrayList<>(cells.size());
        for (Cell cell : cells) {
            parts.add(cell == null ? null : cell.parts());
        }
        return new RowParts(life.parts(), parts, image == null ? null : image.parts(), claim);
    }

    RowState merge(RowState other) {
        List<@Nullable Cell> merged = new ArrayList<>(cells.size());
        for (int i = 0; i < cells.size(); i++) {
            merged.add(Cell.join(cells.get(i), other.cells.get(i)));
        }
        return new RowState(
                        life.merge(other.life),
                        merged,
                        (Register) Cell.join(image, other.image),
                        later(claim, other.claim))
                .withoutNeedlessImage();
    }

    private static @Nullable Stamp later(@Nullable Stamp one, @Nullable Stamp other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.compareTo(other) >= 0 ? one : other;
    }

    RowState settle(Context stable, long pastMicros) {
        List<@Nullable Cell> settled = new ArrayList<>(cells.size());
        for (Cell cell : cells) {
            settled.add(cell == null ? null : cell.settle(stable, pastMicros));
        }
        return new RowState(
                life.settle(stable, pastMicros),
                settled,
                image == null ? null : image.settle(stable, pastMicros),
                claim);
    }

    RowState withoutNeedlessImage() {
        return image == null || isImageNeeded() ? this : new RowState(life, cells, null, claim);
    }

    private boolean isImageNeeded() {
        for (Cell cell : cells) {
            if (cell == null || !cell.isComplete()) {
                return true;
            }
        }
        return false;
    }

    /** Every change writes the life, so it has seen all that the cells have. */
    boolean isSettled(Context stable) {
        return life.isSettled(stable);
    }

    public boolean isDeleted() {
        return life.winner().values() == null;
    }

    /** All that is merged into it, but for what is settled. */
    Context context() {
        return life.context();
    }
}
