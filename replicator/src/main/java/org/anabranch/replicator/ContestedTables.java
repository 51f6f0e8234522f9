package org.anabranch.replicator;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.anabranch.schemas.TableSchema;

/** The tables with several writers, by the fingerprints that changes carry. Not thread-safe. */
final class ContestedTables implements AutoCloseable {

    private static final Duration SCHEMA_WAIT_MAX = Duration.ofSeconds(30);
    private static final long SCHEMA_RETRY_MILLIS = 100;

    private final TableSchemas schemas;
    private final MergeRules rules;
    private final Map<Long, Optional<ContestedTable>> tables = new HashMap<>();

    ContestedTables(TableSchemas schemas, MergeRules rules) {
        this.schemas = schemas;
        this.rules = rules;
    }

    /**
     * Empty for a table with one writer. Waits, for a bounded time, for a schema that is on its way.
     *
     * @throws IOException if it has not come; trying again may help
     */
    Optional<ContestedTable> of(long fingerprint) throws IOException {
        Optional<ContestedTable> known = tables.get(fingerprint);
        if (known != null) {
            return known;
        }
        TableSchema schema = schema(fingerprint);
        Optional<ContestedTable> table = rules.of(schema.name()).map(rule -> new ContestedTable(schema, rule));
        tables.put(fingerprint, table);
        return table;
    }

    private TableSchema schema(long fingerprint) throws IOException {
        long until = System.nanoTime() + SCHEMA_WAIT_MAX.toNanos();
        TableSchema schema = schemas.schema(fingerprint);
        while (schema == null) {
            refresh();
            schema = schemas.schema(fingerprint);
            if (schema == null && System.nanoTime() - until > 0) {
                throw new IOException(
                        "the table schema " + Long.toHexString(fingerprint) + " is not in a schemas topic");
            }
        }
        return schema;
    }

    /** Reads what has come since; takes a moment, so that it may be called again and again. */
    void refresh() throws IOException {
        schemas.refresh();
        try {
            Thread.sleep(SCHEMA_RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for a schema", e);
        }
    }

    @Override
    public void close() {
        schemas.close();
    }
}
