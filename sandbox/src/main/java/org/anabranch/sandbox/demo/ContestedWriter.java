package org.anabranch.sandbox.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Writes in one region to the tables that all regions write. */
final class ContestedWriter implements WritingSession {

    private final Connection connection;
    private final ContestedWorkload workload;

    ContestedWriter(String jdbcUrl, ContestedWorkload workload) throws SQLException {
        this.connection = ShopDatabase.connect(jdbcUrl);
        this.workload = workload;
    }

    @Override
    public int write() throws SQLException {
        ContestedWorkload.Write write = workload.next();
        try (PreparedStatement statement = connection.prepareStatement(write.sql())) {
            int place = 1;
            for (Object parameter : write.parameters()) {
                statement.setObject(place++, parameter);
            }
            return statement.executeUpdate();
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
