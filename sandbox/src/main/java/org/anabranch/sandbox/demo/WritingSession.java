package org.anabranch.sandbox.demo;

import java.sql.SQLException;

/** Writes what a workload says, on one connection. */
interface WritingSession extends AutoCloseable {

    /** Commits the next transaction and gives the number of rows that it wrote. */
    int write() throws SQLException;

    @Override
    void close() throws SQLException;

    @FunctionalInterface
    interface Opening {
        WritingSession open(String jdbcUrl, long seed) throws SQLException;
    }
}
