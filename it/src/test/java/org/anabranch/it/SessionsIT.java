package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.TimeZone;
import org.anabranch.capture.DatabaseSettings;
import org.anabranch.capture.Sessions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values come out as one text, whatever the database, the role and the JVM are set to. */
class SessionsIT {

    private static final String DATABASE = "hostile";
    private static final String ROLE = "hostile_role";
    private static final TimeZone ZONE_OF_THE_JVM = TimeZone.getDefault();

    @BeforeAll
    static void makeHostileDatabase() throws SQLException {
        SharedPostgres.createDatabase(DATABASE);
        SharedPostgres.createRole(ROLE);
        try (Connection superuser = SharedPostgres.superuser(DATABASE)) {
            for (String setting : new String[] {
                "DateStyle = 'SQL, DMY'",
                "IntervalStyle = 'iso_8601'",
                "bytea_output = 'escape'",
                "TimeZone = 'Asia/Kolkata'",
                "extra_float_digits = -10",
                "search_path = hidden, public",
                "quote_all_identifiers = on",
                "row_security = on",
                "standard_conforming_strings = off",
                "statement_timeout = 1",
                "transaction_timeout = 500",
                "default_transaction_isolation = 'serializable'"
            }) {
                SharedPostgres.execute(superuser, "ALTER DATABASE " + DATABASE + " SET " + setting);
                SharedPostgres.execute(superuser, "ALTER ROLE " + ROLE + " SET " + setting);
            }
        }
    }

    @BeforeEach
    void moveTheJvm() {
        TimeZone.setDefault(TimeZone.getTimeZone("America/St_Johns"));
    }

    @AfterEach
    void moveItBack() {
        TimeZone.setDefault(ZONE_OF_THE_JVM);
    }

    private static String query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "textin(timestamptz_out('2020-07-01 12:00+02')) | 2020-07-01 10:00:00+00",
                "textin(date_out('2020-07-01')) | 2020-07-01",
                "textin(interval_out('1 day -2 hours')) | 1 day -02:00:00",
                "textin(byteaout('\\x00ff')) | \\x00ff",
                "textin(float8out(0.1::float8 + 0.2::float8)) | 0.30000000000000004",
                "textin(cash_out('$1,234.50')) | $1,234.50",
                "format_type('text'::regtype, -1) | text",
                "quote_ident('plain') | plain",
                "current_setting('transaction_isolation') | read committed",
                "current_setting('row_security') | off",
                "current_setting('search_path') | pg_catalog",
                "current_setting('application_name') | anabranch-it"
            })
    void valuesComeOutAsOneText(String expression, String text) throws SQLException {
        try (Connection connection = SharedPostgres.open(DATABASE, ROLE)) {
            assertThat(query(connection, "SELECT " + expression)).isEqualTo(text);
        }
    }

    @Test
    void noTimeoutOfTheDatabaseEndsAQuery() throws SQLException {
        try (Connection connection = SharedPostgres.open(DATABASE, ROLE)) {
            assertThat(query(connection, "SELECT pg_sleep(0.7) IS NOT NULL")).isEqualTo("t");
        }
    }

    @Test
    void theDriversOptionsAloneFixAllButTheTimeZone() throws SQLException {
        DatabaseSettings settings = SharedPostgres.settings(DATABASE, ROLE);
        Properties properties = new Properties();
        properties.setProperty("user", settings.user());
        properties.setProperty("password", settings.password());
        properties.setProperty("options", Sessions.DRIVER_OPTIONS + " -c statement_timeout=0");
        try (Connection connection = DriverManager.getConnection(settings.url(), properties)) {
            assertThat(query(connection, "SHOW IntervalStyle")).isEqualTo("postgres");
            assertThat(query(connection, "SHOW bytea_output")).isEqualTo("hex");
            assertThat(query(connection, "SHOW extra_float_digits")).isEqualTo("3");
            assertThat(query(connection, "SHOW DateStyle")).startsWith("ISO");
            assertThat(query(connection, "SHOW TimeZone")).isEqualTo("America/St_Johns");
        }
    }

    @Test
    void aFailureDoesNotShowThePassword() {
        DatabaseSettings settings = SharedPostgres.settings(DATABASE, ROLE);
        DatabaseSettings wrong = new DatabaseSettings(settings.url(), ROLE, "canary-wrong");
        assertThatThrownBy(() -> Sessions.open(wrong, "anabranch-it"))
                .isInstanceOf(SQLException.class)
                .satisfies(e -> assertThat(e.toString()).doesNotContain("canary"));
    }
}
