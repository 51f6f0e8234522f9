package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import org.anabranch.schemas.TableName;

/** Empties tables, in the caller's transaction. */
final class Truncation {

    private static final String NOT_SUPPORTED = "0A000";

    private Truncation() {}

    /** TRUNCATE in one statement; where a foreign key of a table that stays forbids it, DELETE. */
    static void of(Connection connection, List<TableName> tables) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "TRUNCATE " + tables.stream().map(TableName::quoted).collect(Collectors.joining(", ")));
            connection.releaseSavepoint(before);
        } catch (SQLException e) {
            connection.rollback(before);
            if (!NOT_SUPPORTED.equals(e.getSQLState())) {
                throw e;
            }
            delete(connection, tables);
        }
    }

    private static void delete(Connection connection, List<TableName> tables) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (TableName table : tables) {
                statement.execute("DELETE FROM " + table.quoted());
            }
        }
    }
}
