package org.anabranch.capture;

import java.util.List;
import org.anabranch.schemas.TableSchema;
import org.jspecify.annotations.Nullable;

/**
 * A table of the source.
 *
 * @param schema what travels
 * @param keyColumns the primary key's columns, in its order
 * @param partitioned whether its rows live in partitions
 */
public record SourceTable(TableSchema schema, List<KeyColumn> keyColumns, boolean partitioned) {

    /**
     * @param baseType the type's name without modifiers; below domains, and qualified unless it is PostgreSQL's own
     * @param refusal why it cannot be a key, or null if it can
     */
    public record KeyColumn(
            String name, String baseType, @Nullable String refusal) {}

    public SourceTable {
        keyColumns = List.copyOf(keyColumns);
    }
}
