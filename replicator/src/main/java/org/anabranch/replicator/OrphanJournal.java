package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.anabranch.schemas.RegionStatus.OrphanStatus;
import org.anabranch.schemas.TableName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The table {@code anabranch.orphans}: rows without the parents that a foreign key wants, and how many there are. */
final class OrphanJournal {

    private static final Logger LOG = LoggerFactory.getLogger(OrphanJournal.class);

    static final String CREATE = """
            CREATE TABLE anabranch.orphans (
                id bytea PRIMARY KEY, table_schema text NOT NULL, table_name text NOT NULL, key jsonb NOT NULL,
                constraint_name text NOT NULL, parent_schema text NOT NULL, parent_table text NOT NULL,
                missing jsonb NOT NULL, since timestamptz NOT NULL DEFAULT now(), in_doubt boolean NOT NULL)""";

    /** Of a page, what is recorded for one foreign key; see {@link Page#set}. */
    static final String ON_PAGE =
            "o.id > ? AND o.id <= ? AND o.table_schema = ? AND o.table_name = ? AND o.constraint_name = ?";

    private static final int ROWS_OF_PAGE = 5_000;

    private static final String PAGE = "SELECT id, table_schema, table_name, constraint_name FROM anabranch.orphans"
            + " WHERE id > ? ORDER BY id LIMIT " + ROWS_OF_PAGE;

    /** Who is found and gone within a second came before its parent did, and is not spoken of. */
    private static final String COUNT = """
            SELECT table_schema, table_name, constraint_name, parent_schema, parent_table, count(*) AS rows,
                   count(*) FILTER (WHERE since > ?::timestamptz AND since <= now() - interval '1 second') AS unsaid,
                   (now() - interval '1 second')::text AS said_until
            FROM anabranch.orphans WHERE NOT in_doubt
            GROUP BY table_schema, table_name, constraint_name, parent_schema, parent_table
            ORDER BY table_schema, table_name, constraint_name""";

    /**
     * A foreign key of which something is recorded.
     *
     * @param table the child
     * @param constraint its name
     */
    record Of(TableName table, String constraint) {}

    /**
     * Some of what is recorded.
     *
     * @param after the id before its first
     * @param last its last id
     * @param rows how many there are
     * @param of what they belong to
     */
    @SuppressWarnings("ArrayRecordComponent") // compared nowhere
    record Page(byte[] after, byte[] last, int rows, Set<Of> of) {

        boolean isFull() {
            return rows == ROWS_OF_PAGE;
        }

        /** Sets the parameters of {@link #ON_PAGE}, which come first. */
        void set(PreparedStatement statement, TableName table, String constraint) throws SQLException {
            statement.setBytes(1, after);
            statement.setBytes(2, last);
            statement.setString(3, table.schema());
            statement.setString(4, table.table());
            statement.setString(5, constraint);
        }
    }

    private volatile List<OrphanStatus> status = List.of();
    private String saidUntil = "-infinity";

    /** As last counted. Any thread may ask; does not block. */
    List<OrphanStatus> status() {
        return status;
    }

    boolean holdsAny(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT FROM anabranch.orphans)")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** What is recorded beyond an id. */
    Page page(Connection connection, byte[] after) throws SQLException {
        Set<Of> of = new LinkedHashSet<>();
        byte[] last = after;
        int rows = 0;
        try (PreparedStatement statement = connection.prepareStatement(PAGE)) {
            statement.setBytes(1, after);
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    rows++;
                    last = found.getBytes(1);
                    of.add(new Of(new TableName(found.getString(2), found.getString(3)), found.getString(4)));
                }
            }
        }
        return new Page(after, last, rows, of);
    }

    /** Takes out what belongs to a foreign key that is none any more. */
    int forget(Connection connection, Page page, Of of) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM anabranch.orphans AS o WHERE " + ON_PAGE)) {
            page.set(statement, of.table(), of.constraint());
            return statement.executeUpdate();
        }
    }

    /**
     * Counts what is there, and says in the log what is new.
     *
     * @param says whether to: while a first copy is under way many a child comes before its parent
     */
    void count(Connection connection, String region, boolean says) throws SQLException {
        List<OrphanStatus> counted = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(COUNT)) {
            statement.setString(1, saidUntil);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    OrphanStatus of = new OrphanStatus(
                            new TableName(rows.getString(1), rows.getString(2)).toString(),
                            rows.getString(3),
                            new TableName(rows.getString(4), rows.getString(5)).toString(),
                            rows.getLong(6));
                    counted.add(of);
                    if (says) {
                        saidUntil = rows.getString(8);
                        say(region, of, rows.getLong(7));
                    }
                }
            }
        }
        status = List.copyOf(counted);
    }

    private static void say(String region, OrphanStatus of, long unsaid) {
        if (unsaid > 0) {
            LOG.atWarn()
                    .addKeyValue("region", region)
                    .addKeyValue("table", of.table())
                    .addKeyValue("constraint", of.constraint())
                    .log(
                            "rows without a parent in {}: {} more, {} in all; one region wrote them while another took"
                                    + " the parent away, and anabranch.orphans names them",
                            of.parent(),
                            unsaid,
                            of.rows());
        }
    }
}
