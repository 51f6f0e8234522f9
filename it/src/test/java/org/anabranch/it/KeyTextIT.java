package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.anabranch.capture.KeyText;
import org.anabranch.capture.SourceCatalog;
import org.anabranch.capture.SourceTable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that PostgreSQL holds equal have one text, and the types where that cannot be are refused. */
class KeyTextIT {

    private static final String DATABASE = "key_text";

    @BeforeAll
    static void makeDatabase() throws SQLException {
        SharedPostgres.createDatabase(DATABASE);
        try (Connection superuser = SharedPostgres.superuser(DATABASE)) {
            SharedPostgres.execute(superuser, """
                    CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree; CREATE EXTENSION isn;
                    CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
                    CREATE TYPE mood AS ENUM ('sad', 'ok');
                    CREATE TYPE pair AS (a int, b int);
                    CREATE DOMAIN amount AS numeric(20, 5);
                    CREATE DOMAIN deep_amount AS amount CHECK (VALUE > -1000);
                    CREATE DOMAIN lasting AS interval;
                    CREATE DOMAIN ci_text AS text COLLATE ci;
                    """);
        }
    }

    private static SourceTable table(Connection connection, String type) throws SQLException {
        SharedPostgres.execute(
                connection,
                "DROP TABLE IF EXISTS public.keyed",
                "SET search_path = public",
                "CREATE TABLE keyed (v int, id " + type + ", PRIMARY KEY (id))",
                "SET search_path = pg_catalog");
        return SourceCatalog.read(connection, name -> true).tables().getFirst();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "numeric, '1.0', '1.00'",
                "numeric, '0', '-0.000'",
                "numeric, '1e3', '1000.0'",
                "numeric, 'NaN', 'nan'",
                "amount, '2.5', '2.50000'",
                "deep_amount, '7', '7.0'",
                "double precision, '0', '-0'",
                "real, '-0', '0'",
                "double precision, 'NaN', 'nan'",
                "character(5), 'a', 'a  '",
                "bpchar, 'a', 'a   '",
                "timestamptz, '2020-01-01 12:00+00', '2020-01-01 14:00+02'",
                "inet, '10.0.0.1', '10.0.0.1/32'",
                "uuid, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}'",
                "mood, 'sad', 'sad'"
            })
    void equalValuesGiveOneKey(String type, String one, String other) throws SQLException {
        try (Connection connection = SharedPostgres.open(DATABASE, "postgres")) {
            KeyText keyText = KeyText.of(table(connection, type));
            SharedPostgres.execute(connection, "SET search_path = public");
            assertThat(query(connection, "SELECT (" + one + "::" + type + " = " + other + "::" + type + ")::text"))
                    .isEqualTo("true");
            assertThat(key(connection, keyText, type, one)).isEqualTo(key(connection, keyText, type, other));
        }
    }

    private static List<String> key(Connection connection, KeyText keyText, String type, String value)
            throws SQLException {
        // through a table, as COPY would write it: text literals of char(n) keep their blanks only there
        SharedPostgres.execute(
                connection, "TRUNCATE keyed", "INSERT INTO keyed VALUES (1, " + value + "::" + type + ")");
        return keyText.of(org.anabranch.schemas.Row.of("1", query(connection, "SELECT id FROM keyed")));
    }

    private static String query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "interval | 24 hours",
                "lasting | 24 hours",
                "jsonb | 1.0",
                "tsquery | equal values",
                "citext | extension citext",
                "hstore | extension hstore",
                "isbn | extension isn",
                "text COLLATE ci | not deterministic",
                "varchar(5) COLLATE ci | not deterministic",
                "char(5) COLLATE ci | not deterministic",
                "ci_text | not deterministic",
                "int[] | arrays",
                "numrange | ranges",
                "int4multirange | ranges",
                "pair | composite"
            })
    void aTypeWhoseEqualValuesHaveSeveralTextsIsRefusedWithTheReason(String type, String reason) throws SQLException {
        try (Connection connection = SharedPostgres.open(DATABASE, "postgres")) {
            assertThat(table(connection, type).keyColumns().getFirst().refusal())
                    .contains(reason);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "int",
                "text",
                "text COLLATE \"de-x-icu\"",
                "varchar(5)",
                "char(3)",
                "mood",
                "deep_amount",
                "ltree",
                "bytea",
                "time",
                "timetz",
                "date",
                "timestamp",
                "cidr",
                "macaddr8",
                "bit(4)",
                "varbit",
                "money",
                "oid",
                "xid8",
                "pg_lsn",
                "name",
                "\"char\"",
                "bool",
                "smallint"
            })
    void otherTypesAreAllowed(String type) throws SQLException {
        try (Connection connection = SharedPostgres.open(DATABASE, "postgres")) {
            assertThat(table(connection, type).keyColumns().getFirst().refusal())
                    .isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"int GENERATED ALWAYS AS (v * 2) STORED"})
    void aGeneratedKeyIsRefused(String type) throws SQLException {
        try (Connection connection = SharedPostgres.open(DATABASE, "postgres")) {
            assertThat(table(connection, type).keyColumns().getFirst().refusal())
                    .contains("generated");
        }
    }
}
