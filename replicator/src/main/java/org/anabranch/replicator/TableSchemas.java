package org.anabranch.replicator;

import org.anabranch.schemas.TableSchema;
import org.jspecify.annotations.Nullable;

/** Tables' schemas by their fingerprints, of which more may come. */
interface TableSchemas extends AutoCloseable {

    /** Null if it has not been read. */
    @Nullable
    TableSchema schema(long fingerprint);

    /** Reads what has come since. */
    void refresh();

    @Override
    void close();
}
