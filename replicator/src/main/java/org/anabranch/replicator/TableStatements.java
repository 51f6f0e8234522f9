package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.jspecify.annotations.Nullable;

/**
 * The statements that apply rows of one schema to one target table, each a set of rows at a time. Throws what the database
 * throws; the caller owns the transaction.
 */
final class TableStatements {

    private final TableName name;
    private final List<String> columns;
    private final List<TargetTable.Column> types = new ArrayList<>();
    private final int[] key;
    private final List<String> equal = new ArrayList<>();
    private final BitSet keySet = new BitSet();
    private final boolean rewrites;
    private final String delete;
    private final String upsert;
    private final String insert;
    private final String copy;

    /** The schema must fit, see {@link TargetTable#misfits}. */
    TableStatements(TableSchema schema, TargetTable table) {
        name = schema.name();
        columns = schema.columns().stream().map(TableSchema.Column::name).toList();
        columns.forEach(column -> types.add(typeOf(table, column)));
        columns.forEach(column -> equal.add(table.key().getOrDefault(column, "=")));
        key = schema.keyIndexes();
        IntStream.of(key).forEach(keySet::set);
        rewrites = table.deferrableKey()
                || all().anyMatch(i -> !keySet.get(i) && types.get(i).identityAlways());
        delete = "DELETE FROM " + name.quoted() + " AS t USING " + rows(key) + " WHERE " + sameKey("t", key);
        insert = insert();
        copy = "COPY " + name.quoted() + " (" + names(all().toArray()) + ") FROM STDIN";
        upsert = insert + " ON CONFLICT (" + names(key) + ") DO " + onConflict();
    }

    private static TargetTable.Column typeOf(TargetTable table, String column) {
        TargetTable.Column type = table.columns().get(column);
        if (type == null) {
            throw new IllegalArgumentException(table.name() + " has no column " + column);
        }
        return type;
    }

    IntStream all() {
        return IntStream.range(0, columns.size());
    }

    /** {@code unnest(...) AS v(c0, c3, ...)}: one column of parameters for each of the columns named by index. */
    private String rows(int[] indexes) {
        return "unnest(" + arrays(indexes) + ") AS v(" + aliases(indexes) + ")";
    }

    String arrays(int[] indexes) {
        return IntStream.of(indexes)
                .mapToObj(i -> "?::"
                        + (types.get(i).arrayType() == null
                                ? "text[]"
                                : types.get(i).arrayType()))
                .collect(Collectors.joining(", "));
    }

    static String aliases(int[] indexes) {
        return IntStream.of(indexes).mapToObj(i -> "c" + i).collect(Collectors.joining(", "));
    }

    int[] key() {
        return key.clone();
    }

    String plainType(int column) {
        return types.get(column).plainType();
    }

    /** Whether an UPDATE may write it. */
    boolean isUpdatable(int column) {
        return !types.get(column).identityAlways();
    }

    String value(int i) {
        return value("v", i);
    }

    /** A parameter as its column takes it. */
    String value(String alias, int i) {
        TargetTable.Column type = types.get(i);
        String parameter = alias + ".c" + i;
        return type.arrayType() == null ? parameter + "::" + type.plainType() : parameter;
    }

    String names(int[] indexes) {
        return IntStream.of(indexes).mapToObj(this::column).collect(Collectors.joining(", "));
    }

    String column(int i) {
        return TableName.quote(columns.get(i));
    }

    /** Columns of two relations that have them under their names. */
    String sameColumns(String one, String other, int[] indexes) {
        return IntStream.of(indexes)
                .mapToObj(i -> one + "." + column(i) + " " + equal.get(i) + " " + other + "." + column(i))
                .collect(Collectors.joining(" AND "));
    }

    /** A row as JSON, its columns' texts by their names. */
    String json(Row row) {
        return ConflictRecords.json(columns, row);
    }

    String sameKey(String alias, int[] indexes) {
        return IntStream.of(indexes)
                .mapToObj(i -> alias + "." + column(i) + " " + equal.get(i) + " " + value(i))
                .collect(Collectors.joining(" AND "));
    }

    private String insert() {
        int[] indexes = all().toArray();
        String values = all().mapToObj(this::value).collect(Collectors.joining(", "));
        return "INSERT INTO " + name.quoted() + " (" + names(indexes) + ") OVERRIDING SYSTEM VALUE SELECT " + values
                + " FROM " + rows(indexes);
    }

    /** The key too: equal keys may be written differently, as 1.0 and 1.00. Where that cannot be, it costs next to nothing. */
    private String onConflict() {
        String sets = all().filter(i -> !types.get(i).identityAlways())
                .mapToObj(i -> column(i) + " = EXCLUDED." + column(i))
                .collect(Collectors.joining(", "));
        return sets.isEmpty() ? "NOTHING" : "UPDATE SET " + sets;
    }

    /** Deletes the rows with the keys of these rows. */
    void delete(Connection connection, List<Row> rows) throws SQLException {
        execute(connection, delete, rows, key);
    }

    /** Makes these rows stand in the table, whatever stood there under their keys. No holes, no key twice. */
    void upsert(Connection connection, List<Row> rows) throws SQLException {
        if (rewrites) {
            replace(connection, rows);
        } else {
            execute(connection, upsert, rows, all().toArray());
        }
    }

    /** Whether an update has to be a delete and an insert, and an insert cannot ask for a conflict. */
    boolean rewrites() {
        return rewrites;
    }

    /** Whether {@link #copy} may be used: without a key that is only checked later, at a commit that would then fail. */
    boolean canCopy() {
        return !rewrites;
    }

    /** Adds these rows. Fails if one of their keys is there. */
    void copy(Connection connection, List<Row> rows) throws SQLException {
        if (!rows.isEmpty()) {
            CopyIn.write(connection, copy, rows);
        }
    }

    /** The same by way of deleting them first, which frees unique values that go from one of these rows to another. */
    void replace(Connection connection, List<Row> rows) throws SQLException {
        delete(connection, rows);
        execute(connection, insert, rows, all().toArray());
    }

    /** Writes what did travel of rows that all have the same holes. Rows that are not there stay so. */
    void update(Connection connection, List<Row> rows) throws SQLException {
        int[] present = present(rows.getFirst());
        if (rewrites) {
            for (Row row : rows) {
                move(connection, row, row);
            }
            return;
        }
        String sets = IntStream.of(present)
                .filter(i -> !keySet.get(i))
                .mapToObj(i -> column(i) + " = " + value(i))
                .collect(Collectors.joining(", "));
        if (!sets.isEmpty()) {
            String sql = "UPDATE " + name.quoted() + " AS t SET " + sets + " FROM " + rows(present) + " WHERE "
                    + sameKey("t", key);
            execute(connection, sql, rows, present);
        }
    }

    /** Gives the row under the key of {@code before} the values of {@code after}, another key included; holes stay as they are. */
    void move(Connection connection, Row before, Row after) throws SQLException {
        int[] present = present(after);
        boolean always = IntStream.of(present).anyMatch(i -> types.get(i).identityAlways());
        String where = IntStream.of(key)
                .mapToObj(i -> "t." + column(i) + " " + equal.get(i) + " ?::"
                        + types.get(i).plainType())
                .collect(Collectors.joining(" AND "));
        String sql = always || rewrites ? moveByInsert(present, where) : moveByUpdate(present, where);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int parameter = 1;
            int[] first = always || rewrites ? key : present;
            int[] second = always || rewrites ? present : key;
            for (int i : first) {
                statement.setObject(parameter++, (always || rewrites ? before : after).text(i), Types.OTHER);
            }
            for (int i : second) {
                statement.setObject(parameter++, (always || rewrites ? after : before).text(i), Types.OTHER);
            }
            statement.executeUpdate();
        }
    }

    private String moveByUpdate(int[] present, String where) {
        String sets = IntStream.of(present)
                .mapToObj(i -> column(i) + " = ?::" + types.get(i).plainType())
                .collect(Collectors.joining(", "));
        return "UPDATE " + name.quoted() + " AS t SET " + sets + " WHERE " + where;
    }

    /** An identity column that is generated always takes a value from an INSERT only. */
    private String moveByInsert(int[] present, String where) {
        BitSet there = new BitSet();
        IntStream.of(present).forEach(there::set);
        String values = all().mapToObj(i -> there.get(i) ? "?::" + types.get(i).plainType() : "old." + column(i))
                .collect(Collectors.joining(", "));
        return "WITH old AS (DELETE FROM " + name.quoted() + " AS t WHERE " + where + " RETURNING *) INSERT INTO "
                + name.quoted() + " (" + names(all().toArray()) + ") OVERRIDING SYSTEM VALUE SELECT " + values
                + " FROM old";
    }

    private int[] present(Row row) {
        return all().filter(i -> !row.isUnchanged(i)).toArray();
    }

    private void execute(Connection connection, String sql, List<Row> rows, int[] indexes) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            set(statement, rows, indexes);
            statement.executeUpdate();
        }
    }

    /** Sets a statement's first parameters: of each of these columns an array with the rows' values. Row by row, as memory has them. */
    void set(PreparedStatement statement, List<Row> rows, int[] indexes) throws SQLException {
        ArrayLiteral[] arrays = new ArrayLiteral[indexes.length];
        Arrays.setAll(arrays, i -> {
            TargetTable.Column type = types.get(indexes[i]);
            return new ArrayLiteral(type.arrayType() == null ? ',' : type.delimiter(), rows.size());
        });
        for (Row row : rows) {
            for (int i = 0; i < indexes.length; i++) {
                arrays[i].add(row.text(indexes[i]));
            }
        }
        for (int i = 0; i < indexes.length; i++) {
            statement.setObject(i + 1, arrays[i].close(), Types.OTHER);
        }
    }

    /** Whether a change has a value, or a hole, for each column. */
    boolean fits(Change change) {
        return fits(change.before()) && fits(change.after());
    }

    private boolean fits(@Nullable Row row) {
        return row == null || row.size() == columns.size();
    }

    TableName name() {
        return name;
    }
}
