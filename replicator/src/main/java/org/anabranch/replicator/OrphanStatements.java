package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.anabranch.replicator.ForeignKey.Pair;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableName;

/**
 * The statements that find children of one foreign key that have no parent, and put them into {@code anabranch.orphans}, or take
 * them out. Each a set of rows at a time; the caller owns the transaction.
 *
 * <p>In all of them {@code t} is the child, {@code p} the parent, and {@code o} what is recorded.
 */
final class OrphanStatements {

    private final ForeignKey foreignKey;
    private final String refers;
    private final String itsParent;
    private final String lock;
    private final String missing;
    private final String recordedChild;
    private final String keyOfChild;

    /** @param child as it stands in the catalog, with a primary key */
    OrphanStatements(ForeignKey foreignKey, TargetTable child) {
        this.foreignKey = foreignKey;
        refers = (foreignKey.matchFull() ? "num_nonnulls(" : "num_nulls(") + each(", ", OrphanStatements::inChild) + ")"
                + (foreignKey.matchFull() ? " > 0" : " = 0");
        itsParent = "SELECT FROM " + foreignKey.parent().table().quoted() + " AS p WHERE "
                + each(" AND ", pair -> inParent(pair) + " " + pair.equal() + " " + inChild(pair) + pair.collation());
        lock = foreignKey.mayLock() ? " FOR KEY SHARE OF p SKIP LOCKED" : "";
        missing = document(foreignKey.columns().stream().map(Pair::child).toList());
        keyOfChild = document(child.key().keySet());
        recordedChild = child.key().entrySet().stream()
                .map(column -> "t." + TableName.quote(column.getKey()) + " " + column.getValue() + " (o.key ->> "
                        + text(column.getKey()) + ")::" + plainType(child, column.getKey()))
                .collect(Collectors.joining(" AND "));
    }

    private static String plainType(TargetTable table, String column) {
        TargetTable.Column known = table.columns().get(column);
        return known == null ? "text" : known.plainType();
    }

    private String each(String between, Function<Pair, String> text) {
        return foreignKey.columns().stream().map(text).collect(Collectors.joining(between));
    }

    private static String inChild(Pair pair) {
        return "t." + TableName.quote(pair.child());
    }

    private static String inParent(Pair pair) {
        return "p." + TableName.quote(pair.parent());
    }

    private static String text(String literal) {
        return "'" + literal.replace("'", "''") + "'";
    }

    /** The child's columns as a JSON object of texts. */
    private static String document(Collection<String> columns) {
        return columns.stream()
                .map(column -> text(column) + ", t." + TableName.quote(column) + "::text")
                .collect(Collectors.joining(", ", "jsonb_build_object(", ")"));
    }

    ForeignKey foreignKey() {
        return foreignKey;
    }

    /**
     * Records those of these children that have no parent. The parents of the others are locked, as by the foreign key's own
     * trigger, so that none of them goes before these children can be seen. One that another session holds, perhaps to delete it,
     * is not waited for: its children are recorded as in doubt.
     *
     * @return how many are new
     */
    int recordWritten(Connection connection, TableStatements children, List<Row> rows) throws SQLException {
        int[] key = children.key();
        String source = "unnest(" + children.arrays(key) + ") AS v(" + TableStatements.aliases(key) + ") JOIN "
                + child() + " ON " + children.sameKey("t", key);
        try (PreparedStatement statement = connection.prepareStatement(record(source, lock))) {
            children.set(statement, rows, children.key());
            return statement.executeUpdate();
        }
    }

    /**
     * What these parents are referred to by, as the database holds them now; as texts.
     *
     * @param parents with the statements of the table under whose name they come
     */
    List<List<String>> referredBy(Connection connection, TableStatements parents, List<Row> rows) throws SQLException {
        int[] key = parents.key();
        String sql = "SELECT DISTINCT " + each(", ", pair -> inParent(pair) + "::text") + " FROM unnest("
                + parents.arrays(key) + ") AS v(" + TableStatements.aliases(key) + ") JOIN "
                + foreignKey.parent().table().quoted() + " AS p ON " + parents.sameKey("p", key) + " WHERE num_nulls("
                + each(", ", OrphanStatements::inParent) + ") = 0";
        List<List<String>> values = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            parents.set(statement, rows, parents.key());
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    List<String> ofParent = new ArrayList<>();
                    for (int i = 1; i <= foreignKey.columns().size(); i++) {
                        ofParent.add(found.getString(i));
                    }
                    values.add(ofParent);
                }
            }
        }
        return values;
    }

    /**
     * Records the children of those of these parents that are there no more.
     *
     * @param parents what they were referred to by
     * @return how many are new
     */
    int recordLeft(Connection connection, List<List<String>> parents) throws SQLException {
        List<Pair> columns = foreignKey.columns();
        String arrays = columns.stream().map(pair -> "?::text[]").collect(Collectors.joining(", "));
        String names = numbered(i -> "r" + i, ", ");
        String stays =
                numbered(i -> inParent(columns.get(i)) + " " + columns.get(i).same() + " " + value(i), " AND ");
        String refersToIt = numbered(
                i -> value(i) + " " + columns.get(i).equal() + " " + inChild(columns.get(i))
                        + columns.get(i).collation(),
                " AND ");
        String source = "(SELECT v.* FROM unnest(" + arrays + ") AS v(" + names + ") WHERE NOT EXISTS (SELECT FROM "
                + foreignKey.parent().table().quoted() + " AS p WHERE " + stays + ")) AS v JOIN " + child() + " ON "
                + refersToIt;
        try (PreparedStatement statement = connection.prepareStatement(record(source, ""))) {
            for (int column = 0; column < columns.size(); column++) {
                ArrayLiteral literal = new ArrayLiteral(',', parents.size());
                for (List<String> parent : parents) {
                    literal.add(parent.get(column));
                }
                statement.setObject(column + 1, literal.close(), Types.OTHER);
            }
            return statement.executeUpdate();
        }
    }

    private String numbered(Function<Integer, String> text, String between) {
        return IntStream.range(0, foreignKey.columns().size()).boxed().map(text).collect(Collectors.joining(between));
    }

    private String value(int i) {
        return "v.r" + i + "::" + foreignKey.columns().get(i).parentType();
    }

    /** Looks at every child there is. */
    int recordAll(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(record(child(), ""));
        }
    }

    private String child() {
        return foreignKey.child().table().quoted() + " AS t";
    }

    private String record(String source, String withLock) {
        TableName child = foreignKey.child().table();
        TableName parent = foreignKey.parent().table();
        String constants = text(child.schema()) + ", " + text(child.table()) + ", " + text(foreignKey.name());
        return "INSERT INTO anabranch.orphans (id, table_schema, table_name, constraint_name, key, parent_schema,"
                + " parent_table, missing, in_doubt) SELECT sha256(convert_to(jsonb_build_array(" + constants
                + ", o.key, o.missing)::text, 'UTF8')), " + constants + ", o.key, " + text(parent.schema()) + ", "
                + text(parent.table()) + ", o.missing, o.in_doubt FROM (SELECT " + keyOfChild + " AS key, " + missing
                + " AS missing, EXISTS (" + itsParent + ") AS in_doubt FROM " + source + " WHERE " + refers
                + " AND NOT EXISTS (" + itsParent + withLock + ")) AS o ON CONFLICT (id) DO NOTHING";
    }

    /**
     * Takes those out that have a parent again, or are gone, or refer to something else by now.
     *
     * @return how many
     */
    int removeHealed(Connection connection, OrphanJournal.Page page) throws SQLException {
        return execute(
                connection,
                page,
                "DELETE FROM anabranch.orphans AS o WHERE " + OrphanJournal.ON_PAGE + " AND NOT EXISTS (" + unhealed()
                        + " AND NOT EXISTS (" + itsParent + lock + "))");
    }

    /** Those that were in doubt, and of which the parent is gone indeed. */
    void settleDoubts(Connection connection, OrphanJournal.Page page) throws SQLException {
        execute(
                connection,
                page,
                "UPDATE anabranch.orphans AS o SET in_doubt = false, since = now() WHERE " + OrphanJournal.ON_PAGE
                        + " AND o.in_doubt AND NOT EXISTS (" + unhealed() + " AND EXISTS (" + itsParent + "))");
    }

    private String unhealed() {
        return "SELECT FROM " + child() + " WHERE " + recordedChild + " AND " + missing + " = o.missing AND " + refers;
    }

    private int execute(Connection connection, OrphanJournal.Page page, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            page.set(statement, foreignKey.child().table(), foreignKey.name());
            return statement.executeUpdate();
        }
    }
}
