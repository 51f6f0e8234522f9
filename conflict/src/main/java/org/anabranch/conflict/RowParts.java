package org.anabranch.conflict;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.anabranch.conflict.CellParts.RegisterParts;
import org.jspecify.annotations.Nullable;

/** What a {@link RowState} holds, without its table's policies. {@link RowMerge#state} puts them back in. */
public record RowParts(
        RegisterParts life,
        List<@Nullable CellParts> cells,
        @Nullable RegisterParts image,
        @Nullable Stamp claim) {

    public RowParts {
        cells = Collections.unmodifiableList(new ArrayList<>(cells));
    }
}
