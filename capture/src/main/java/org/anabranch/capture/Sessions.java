package org.anabranch.capture;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/** Opens connections whose session settings make PostgreSQL write values exactly, whatever database and role are set to. */
public final class Sessions {

    /**
     * For the driver's {@code options}: beats ALTER DATABASE and ALTER ROLE. The driver itself sends the JVM's time zone and
     * DateStyle after these, so a connection that is not opened here also needs the JVM's default zone to be UTC.
     */
    public static final String DRIVER_OPTIONS = "-c intervalstyle=postgres -c bytea_output=hex -c extra_float_digits=3"
            + " -c DateStyle=ISO,YMD -c TimeZone=UTC -c lc_monetary=C";

    private static final int CONNECT_TIMEOUT_SECONDS = 10;
    private static final int LOGIN_TIMEOUT_SECONDS = 20;

    /** A statement that is silent for longer is given up; the first copy's rows come steadily. */
    private static final int SOCKET_TIMEOUT_SECONDS = 300;

    /**
     * What the driver would override, and what would change a type's name or hide rows: with row_security off, a query that a
     * policy would filter fails.
     */
    private static final String FIXED = "SET quote_all_identifiers = off; SET standard_conforming_strings = on;"
            + " SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = postgres; SET bytea_output = hex;"
            + " SET extra_float_digits = 3; SET lc_monetary = 'C'; SET search_path = pg_catalog; SET row_security = off;"
            + " SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET idle_session_timeout = 0;"
            + " SET default_transaction_isolation = 'read committed'; SET jit = off;"
            // known from version 17 on
            + " SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout'";

    private Sessions() {}

    /**
     * A new connection in autocommit, with search_path pg_catalog, so that every name of the user's comes out with its schema.
     * Blocks for at most 20 seconds.
     *
     * @param applicationName shown in pg_stat_activity
     * @throws SQLException if there is none; its message has no password
     */
    public static Connection open(DatabaseSettings database, String applicationName) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", database.user());
        properties.setProperty("password", database.password());
        // a statement_timeout of a millisecond would end even the statements that set these
        properties.setProperty("options", DRIVER_OPTIONS + " -c statement_timeout=0");
        properties.setProperty("ApplicationName", applicationName);
        properties.setProperty("connectTimeout", Integer.toString(CONNECT_TIMEOUT_SECONDS));
        properties.setProperty("loginTimeout", Integer.toString(LOGIN_TIMEOUT_SECONDS));
        properties.setProperty("socketTimeout", Integer.toString(SOCKET_TIMEOUT_SECONDS));
        properties.setProperty("tcpKeepAlive", "true");
        Connection connection = DriverManager.getConnection(database.url(), properties);
        try (Statement statement = connection.createStatement()) {
            statement.execute(FIXED);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return connection;
    }
}
