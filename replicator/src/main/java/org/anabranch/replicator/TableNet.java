package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.Row;
import org.jspecify.annotations.Nullable;

/**
 * What a run of changes to one table comes to: for each key its last state. Deleting first and writing then frees unique
 * values and keys that are used again.
 *
 * <p>Changes that move a row with holes to another key are not for here: what they leave as it is stands under the old key.
 */
final class TableNet {

    /** The last state of a row. */
    private sealed interface Net {
        record Gone(Row before) implements Net {}

        /** @param isNew whether no row was under this key before */
        record Whole(Row row, boolean isNew) implements Net {}

        record WithHoles(Row row) implements Net {}
    }

    private final Map<RowKey, Net> states = new LinkedHashMap<>();
    private @Nullable Change movedBefore;

    static TableNet of(List<PendingChange> changes) {
        TableNet net = new TableNet();
        changes.forEach(net::add);
        return net;
    }

    private void add(PendingChange pending) {
        RowKey key = new RowKey(pending.key());
        Change change = pending.change();
        Net state = states.get(key);
        Row after = change.after();
        if (after != null) {
            states.put(key, written(state, change.operation(), after));
        } else if (change.before() != null && !isLeftByAMoveBefore(change, state)) {
            states.put(key, new Net.Gone(change.before()));
        }
        movedBefore = change.operation() == Operation.UPDATE && change.before() != null ? change : null;
    }

    private static Net written(@Nullable Net state, Operation operation, Row after) {
        boolean isNew = state instanceof Net.Whole whole
                ? whole.isNew()
                : state == null && (operation == Operation.INSERT || operation == Operation.COPY);
        if (!after.hasHoles()) {
            return new Net.Whole(after, isNew);
        }
        return switch (state) {
            case null -> new Net.WithHoles(after);
            case Net.Whole whole -> new Net.Whole(after.over(whole.row()), isNew);
            case Net.WithHoles older -> whole(after.over(older.row()));
            case Net.Gone gone -> gone; // an update of what is not there
        };
    }

    private static Net whole(Row row) {
        return row.hasHoles() ? new Net.WithHoles(row) : new Net.Whole(row, false);
    }

    /**
     * A row that moves away deletes its old key. Under a deferred primary key another row may have moved there before: then
     * it is that other row which stays. Told apart by their values, which travel with such a key (replica identity FULL).
     */
    private boolean isLeftByAMoveBefore(Change delete, @Nullable Net state) {
        Row left = movedBefore == null ? null : movedBefore.before();
        return left != null
                && !left.hasHoles()
                && left.equals(delete.before())
                && state instanceof Net.Whole whole
                && !whole.row().equals(left);
    }

    /**
     * What is to be done, in this order.
     *
     * @param gone rows to be deleted
     * @param withHoles rows to be updated where they are, those with the same holes together
     * @param whole rows that are to stand there, whatever stood under their keys
     * @param fresh the same where the origin had nothing under their keys before
     */
    record Sets(List<Row> gone, List<List<Row>> withHoles, List<Row> whole, List<Row> fresh) {

        /** Whole and fresh. */
        List<Row> written() {
            List<Row> written = new ArrayList<>(whole);
            written.addAll(fresh);
            return written;
        }
    }

    Sets sets() {
        List<Row> gone = new ArrayList<>();
        List<Row> whole = new ArrayList<>();
        List<Row> fresh = new ArrayList<>();
        Map<BitSet, List<Row>> withHoles = new LinkedHashMap<>();
        for (Net state : states.values()) {
            switch (state) {
                case Net.Gone(Row before) -> gone.add(before);
                case Net.Whole(Row row, boolean isNew) -> (isNew ? fresh : whole).add(row);
                case Net.WithHoles(Row row) ->
                    withHoles
                            .computeIfAbsent(holes(row), h -> new ArrayList<>())
                            .add(row);
            }
        }
        return new Sets(gone, List.copyOf(withHoles.values()), whole, fresh);
    }

    /** How many rows are fresh, see {@link Sets}. */
    int freshRows() {
        return (int) states.values().stream()
                .filter(state -> state instanceof Net.Whole whole && whole.isNew())
                .count();
    }

    /** How rows are written. */
    enum Way {
        /** Those that are fresh are taken at their word: it fails if one is there already. */
        COPY_FRESH,
        UPSERT,
        /** Deleted first. */
        REPLACE
    }

    /** Applies it, in the caller's transaction. */
    void apply(Connection connection, TableStatements table, Way way) throws SQLException {
        Sets sets = sets();
        table.delete(connection, sets.gone());
        for (List<Row> rows : sets.withHoles()) {
            table.update(connection, rows);
        }
        switch (way) {
            case COPY_FRESH -> {
                table.upsert(connection, sets.whole());
                table.copy(connection, sets.fresh());
            }
            case UPSERT -> table.upsert(connection, sets.written());
            case REPLACE -> table.replace(connection, sets.written());
        }
    }

    private static BitSet holes(Row row) {
        BitSet holes = new BitSet();
        for (int i = 0; i < row.size(); i++) {
            holes.set(i, row.isUnchanged(i));
        }
        return holes;
    }
}
