package org.anabranch.replicator;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.TableName;

/** What the database transaction that is open does, for the status once it has committed. Not thread-safe. */
final class Tally {

    /** What became of a table's changes; those that are deferred or quarantined are among those that were taken. */
    static final class OfTable {
        final Set<String> origins = new TreeSet<>();
        long taken;
        long deferred;
        long quarantined;
    }

    /** Conflicts of a table that the same policy decided. */
    record ConflictKind(TableName table, String policy) {}

    private final Map<String, Long> rowsOfOrigins = new HashMap<>();
    private final Map<TableName, OfTable> tables = new HashMap<>();
    private final Map<ConflictKind, Long> conflicts = new HashMap<>();

    void taken(Change change, TableName table) {
        rowsOfOrigins.merge(change.origin(), 1L, Long::sum);
        OfTable of = of(table);
        of.origins.add(change.origin());
        of.taken++;
    }

    void deferred(TableName table) {
        of(table).deferred++;
    }

    void quarantined(TableName table) {
        of(table).quarantined++;
    }

    void conflict(TableName table, String policy) {
        conflicts.merge(new ConflictKind(table, policy), 1L, Long::sum);
    }

    private OfTable of(TableName table) {
        return tables.computeIfAbsent(table, t -> new OfTable());
    }

    void clear() {
        rowsOfOrigins.clear();
        tables.clear();
        conflicts.clear();
    }

    Map<String, Long> rowsOfOrigins() {
        return rowsOfOrigins;
    }

    Map<TableName, OfTable> tables() {
        return tables;
    }

    Map<ConflictKind, Long> conflicts() {
        return conflicts;
    }
}
