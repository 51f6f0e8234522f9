package org.anabranch.replicator;

import org.anabranch.schemas.TableSchema;
import org.jspecify.annotations.Nullable;

/** The schemas of a region that has one table. */
record OneSchema(TableSchema schema) implements TableSchemas {

    @Override
    public @Nullable TableSchema schema(long fingerprint) {
        return fingerprint == schema.fingerprint() ? schema : null;
    }

    @Override
    public void refresh() {}

    @Override
    public void close() {}
}
