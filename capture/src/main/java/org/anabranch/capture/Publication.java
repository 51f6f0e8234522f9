package org.anabranch.capture;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.anabranch.schemas.TableName;

/** Makes the publication that the slot is read with, or adds tables to it; one that fits is used as it is. */
final class Publication {

    private Publication() {}

    /** @throws SQLException among others 42501, where the role does not own the tables */
    static void ensure(Connection connection, String name, Collection<TableName> tables) throws SQLException {
        Set<TableName> wanted = new TreeSet<>(tables);
        wanted.add(HeartbeatTable.NAME);
        try (Statement statement = connection.createStatement()) {
            if (!exists(connection, name)) {
                statement.execute("CREATE PUBLICATION " + TableName.quote(name) + " FOR TABLE " + list(wanted)
                        + " WITH (publish_via_partition_root = true)");
                return;
            }
            wanted.removeAll(published(connection, name));
            if (!wanted.isEmpty()) {
                statement.execute("ALTER PUBLICATION " + TableName.quote(name) + " ADD TABLE " + list(wanted));
            }
        }
    }

    private static boolean exists(Connection connection, String name) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = ?")) {
            query.setString(1, name);
            return query.executeQuery().next();
        }
    }

    private static Set<TableName> published(Connection connection, String name) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT schemaname, tablename FROM pg_catalog.pg_publication_tables WHERE pubname = ?")) {
            query.setString(1, name);
            Set<TableName> tables = new TreeSet<>();
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    tables.add(new TableName(rows.getString(1), rows.getString(2)));
                }
            }
            return tables;
        }
    }

    private static String list(Collection<TableName> tables) {
        return tables.stream().map(TableName::quoted).collect(Collectors.joining(", "));
    }
}
