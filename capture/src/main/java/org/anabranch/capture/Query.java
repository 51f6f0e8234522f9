package org.anabranch.capture;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Runs a query and takes each row as a value. Parameters: texts, numbers, and collections of oids for {@code ?::oid[]}. */
final class Query {

    /** Makes a value of the row that the result stands on. */
    interface Mapper<T> {
        T map(ResultSet row) throws SQLException;
    }

    private Query() {}

    static <T> List<T> list(Connection connection, String sql, Mapper<T> mapper, Object... parameters)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                Object parameter = parameters[i];
                if (parameter instanceof Collection<?> oids) {
                    statement.setArray(i + 1, connection.createArrayOf("int8", oids.toArray()));
                } else {
                    statement.setObject(i + 1, parameter);
                }
            }
            try (ResultSet rows = statement.executeQuery()) {
                List<T> result = new ArrayList<>();
                while (rows.next()) {
                    result.add(mapper.map(rows));
                }
                return result;
            }
        }
    }

    /** The one row of a query that always has one. */
    static <T> T one(Connection connection, String sql, Mapper<T> mapper, Object... parameters) throws SQLException {
        List<T> rows = list(connection, sql, mapper, parameters);
        if (rows.size() != 1) {
            throw new SQLException(rows.size() + " rows instead of one from: " + sql);
        }
        return rows.getFirst();
    }

    /** A text as an SQL literal, for sessions with standard_conforming_strings. */
    static String literal(String text) {
        return '\'' + text.replace("'", "''") + '\'';
    }
}
