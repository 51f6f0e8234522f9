package org.anabranch.sandbox.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.anabranch.sandbox.PostgresServer;

/** The database of the demo: what a superuser sets up in each region, and the shop's tables. */
final class ShopDatabase {

    static final String NAME = "shop";
    static final String USER = "anabranch";

    /** No secret: it is printed, and the servers listen on 127.0.0.1 only. */
    static final String PASSWORD = "anabranch";

    /** Written in the hub. */
    static final List<String> HUB_TABLES = List.of("customers", "products", "orders", "order_lines", "probe");

    /** Written in all regions. */
    static final List<String> CONTESTED_TABLES = List.of("inventory", "carts");

    static final List<String> TABLES =
            Stream.of(HUB_TABLES, CONTESTED_TABLES).flatMap(List::stream).toList();

    private static final int CONNECT_SECONDS_MAX = 20;
    private static final int ANSWER_SECONDS_MAX = 30;

    private ShopDatabase() {}

    /** Makes role, database and rights where they are missing. Blocks. */
    static void prepare(PostgresServer server) throws SQLException {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            if (!exists(statement, "SELECT 1 FROM pg_roles WHERE rolname = '" + USER + "'")) {
                statement.execute("CREATE ROLE " + USER + " LOGIN REPLICATION PASSWORD '" + PASSWORD + "'");
            }
            if (!exists(statement, "SELECT 1 FROM pg_database WHERE datname = '" + NAME + "'")) {
                statement.execute("CREATE DATABASE " + NAME + " OWNER " + USER);
            }
        }
        server.execute(NAME, script("rights.sql"));
    }

    /** Makes the tables that only the hub writes, with their first rows, where there are none. Blocks. */
    static void makeHubTables(String jdbcUrl) throws SQLException {
        make(jdbcUrl, HUB_TABLES.getFirst(), List.of("shop.sql"));
    }

    /**
     * Makes the tables that all regions write where there are none, so that no region's capture has to wait for them. Blocks.
     *
     * @param hasRows whether their first rows are written here: one region's are enough
     */
    static void makeContestedTables(String jdbcUrl, boolean hasRows) throws SQLException {
        make(
                jdbcUrl,
                CONTESTED_TABLES.getFirst(),
                hasRows ? List.of("contested.sql", "contested-rows.sql") : List.of("contested.sql"));
    }

    /** All at once, so that where one table is all are. */
    private static void make(String jdbcUrl, String table, List<String> scripts) throws SQLException {
        try (Connection connection = connect(jdbcUrl);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            if (!exists(statement, "SELECT 1 WHERE to_regclass('public." + table + "') IS NOT NULL")) {
                for (String script : scripts) {
                    statement.execute(script(script));
                }
            }
            connection.commit();
        }
    }

    /** A session as the demo's role. No statement may take longer than half a minute. */
    static Connection connect(String jdbcUrl) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", USER);
        properties.setProperty("password", PASSWORD);
        properties.setProperty("ApplicationName", "anabranch demo");
        properties.setProperty("connectTimeout", Integer.toString(CONNECT_SECONDS_MAX));
        properties.setProperty("loginTimeout", Integer.toString(CONNECT_SECONDS_MAX));
        properties.setProperty("socketTimeout", Integer.toString(ANSWER_SECONDS_MAX));
        return DriverManager.getConnection(jdbcUrl, properties);
    }

    private static boolean exists(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            return rows.next();
        }
    }

    private static String script(String name) {
        try (InputStream in = ShopDatabase.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the resource " + name, e);
        }
    }
}
