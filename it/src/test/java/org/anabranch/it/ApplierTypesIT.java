package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableSchema;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Output texts of every type family go in as they came out: what COPY writes is the same on both sides. */
class ApplierTypesIT extends SpokeTest {

    /** Of each type, values at its edges, as its output function writes them. */
    private static final Map<String, List<String>> VALUES = new TreeMap<>(Map.ofEntries(
            Map.entry("smallint", List.of("-32768", "32767")),
            Map.entry("bigint", List.of("-9223372036854775808", "9223372036854775807")),
            Map.entry("numeric", List.of("NaN", "Infinity", "-Infinity", "1.00", "9".repeat(1000), "-0.000000001")),
            Map.entry("numeric(10,2)", List.of("12345678.90", "0.01", "NaN")),
            Map.entry("real", List.of("NaN", "Infinity", "-0", "1e-45", "3.4028235e+38")),
            Map.entry("double precision", List.of("NaN", "-Infinity", "-0", "5e-324", "0.1")),
            Map.entry("boolean", List.of("t", "f")),
            Map.entry("text", List.of("", " ", "\\", "\"", "NULL", "null", "{}", "a\tb\nc", "\\N", "käse 🧀", ",;'")),
            Map.entry("character varying(5)", List.of("", "abc  ", "NULL")),
            Map.entry("character(5)", List.of("ab   ", "     ", "abcde")),
            Map.entry("\"char\"", List.of("a", "\\377", "")),
            Map.entry("name", List.of("x".repeat(63))),
            Map.entry("bytea", List.of("\\x", "\\x00ff5c22")),
            Map.entry("date", List.of("infinity", "-infinity", "0044-03-15 BC", "294276-12-31")),
            Map.entry("time without time zone", List.of("24:00:00", "00:00:00.000001")),
            Map.entry("time with time zone", List.of("23:59:59.999999+15:59:59", "00:00:00-15:59")),
            Map.entry("timestamp without time zone", List.of("infinity", "294276-12-31 23:59:59.999999")),
            Map.entry("timestamp with time zone", List.of("-infinity", "0044-03-15 12:00:00.000001+00 BC")),
            Map.entry("interval", List.of("-1 years -2 mons +3 days -04:05:06.000007", "00:00:00", "infinity")),
            Map.entry("uuid", List.of("00000000-0000-0000-0000-000000000000")),
            Map.entry("json", List.of("{\"a\" : 1, \"a\": 1.00}", "\"\\u00e4\"", "null")),
            Map.entry("jsonb", List.of("{\"a\": 12345678901234567890.10}", "null", "\"ä\"")),
            Map.entry("integer[]", List.of("{}", "{1,NULL,3}", "{{1,2},{3,4}}", "[5:6]={1,2}")),
            Map.entry("text[]", List.of("{\"\",NULL,\"NULL\",\"a\\\"b\\\\c\"}", "{{a},{b}}")),
            Map.entry("numeric[]", List.of("{NaN,1.00}")),
            Map.entry("box[]", List.of("{(1,1),(0,0);(2,2),(1,1)}")),
            Map.entry("box", List.of("(1,1),(0,0)")),
            Map.entry("point", List.of("(0.1,-0)")),
            Map.entry("path", List.of("((0,0),(1,1))", "[(0,0),(1,1)]")),
            Map.entry("int4range", List.of("empty", "[1,5)", "(,)")),
            Map.entry("nummultirange", List.of("{}", "{[1.0,2.00],(3,)}")),
            Map.entry("inet", List.of("10.0.0.1", "10.0.0.1/8", "::1")),
            Map.entry("cidr", List.of("10.0.0.0/8")),
            Map.entry("macaddr", List.of("08:00:2b:01:02:03")),
            Map.entry("bit(3)", List.of("101")),
            Map.entry("bit(1)", List.of("1")),
            Map.entry("bit varying(5)", List.of("", "10101")),
            Map.entry("bit(3)[]", List.of("{101,000}")),
            Map.entry("money", List.of("$1,234.56", "-$92,233,720,368,547,758.08")),
            Map.entry("tsvector", List.of("'a':1A 'b b':2")),
            Map.entry("xml", List.of("<a>&amp;</a>", "just text", "")),
            Map.entry("oid", List.of("4294967295")),
            Map.entry("pg_lsn", List.of("FFFFFFFF/FFFFFFFF")),
            Map.entry("public.mood", List.of("so so", "\"quoted\"")),
            Map.entry("public.mood[]", List.of("{\"so so\",\"\\\"quoted\\\"\"}")),
            Map.entry("public.short", List.of("abc", "")),
            Map.entry("public.numbers", List.of("{1,2}")),
            Map.entry("public.pair", List.of("(1,\"a \"\"b\"\" \\\\ c\")", "(,)")),
            Map.entry("public.pair[]", List.of("{\"(1,a)\",NULL}")),
            Map.entry("public.paired", List.of("(7,x)"))));

    /** Enough for new rows to be written with COPY, and for every value of every type. */
    private static final int ROWS = 60;

    @BeforeEach
    void createTypes() throws Exception {
        spoke.execute("CREATE TYPE mood AS ENUM ('so so', '\"quoted\"')");
        spoke.execute("CREATE DOMAIN short AS character varying(3) CHECK (VALUE <> 'bad')");
        spoke.execute("CREATE DOMAIN numbers AS integer[]");
        spoke.execute("CREATE TYPE pair AS (n integer, t text)");
        spoke.execute("CREATE DOMAIN paired AS pair");
        Servers.postgres()
                .execute("ALTER ROLE " + Servers.ROLE + " IN DATABASE " + spoke.database
                        + " SET DateStyle = 'SQL, DMY'");
        Servers.postgres().execute("ALTER DATABASE " + spoke.database + " SET IntervalStyle = 'iso_8601'");
        Servers.postgres().execute("ALTER DATABASE " + spoke.database + " SET TimeZone = 'Asia/Kolkata'");
    }

    @Test
    void everyTypesOutputArrivesUnchangedInSetsAndAsAnUpdateInPart() throws Exception {
        TableSchema t = tableOfAllTypes();
        List<List<String>> rows = rows(t.columns().size());
        HubStream.Transaction transaction = spoke.hub.begin();
        rows.forEach(row -> transaction.insert(t, row.toArray(String[]::new)));
        transaction.commit();
        spoke.start();
        spoke.awaitApplied(spoke.hub.lastHybridMicros());
        assertThat(stored(t)).isEqualTo(expected(rows));

        spoke.execute("UPDATE t SET c0 = NULL, c7 = NULL, c20 = NULL, c30 = NULL, c40 = NULL");
        HubStream.Transaction whole = spoke.hub.begin();
        rows.forEach(row -> whole.update(t, row.toArray(String[]::new)));
        spoke.awaitApplied(whole.commit());
        assertThat(stored(t)).as("updated").isEqualTo(expected(rows));

        spoke.execute("UPDATE t SET c0 = NULL, c7 = NULL, c20 = NULL, c30 = NULL, c40 = NULL");
        HubStream.Transaction update = spoke.hub.begin();
        rows.forEach(row -> {
            List<String> part = new ArrayList<>(row);
            part.set(1 + 3, Row.UNCHANGED);
            update.update(t, part.toArray(String[]::new));
        });
        spoke.awaitApplied(update.commit());
        assertThat(stored(t)).as("updated in part").isEqualTo(expected(rows));
        assertThat(spoke.rows("SELECT error FROM anabranch.quarantine")).isEmpty();
    }

    /** Nothing among them makes a COPY fail that does not escape; it would only write something else. */
    @Test
    void whatMeansSomethingToCopyArrivesUnchanged() throws Exception {
        TableSchema t = spoke.table("t", "id", "id integer", "v text");
        List<String> values = List.of("\\N", "C:\\temp", "a\\nb", "\\x41", "100\\45");
        HubStream.Transaction transaction = spoke.hub.begin();
        for (int i = 0; i < ROWS; i++) {
            transaction.insert(t, Integer.toString(i), values.get(i % values.size()));
        }
        transaction.commit();
        spoke.start();
        spoke.awaitApplied(spoke.hub.lastHybridMicros());

        assertThat(spoke.rows("SELECT DISTINCT v FROM t")).containsExactlyInAnyOrderElementsOf(values);
    }

    @Test
    void everyTypesOutputArrivesUnchangedRowByRowToo() throws Exception {
        TableSchema t = tableOfAllTypes();
        List<List<String>> rows = rows(t.columns().size());
        HubStream.Transaction transaction = spoke.hub.begin();
        rows.forEach(row -> transaction.insert(t, row.toArray(String[]::new)));
        String[] bad = new String[t.columns().size()];
        bad[0] = "not a number"; // so that the set fails
        transaction.insert(t, bad).commit();
        spoke.start();
        spoke.awaitApplied(spoke.hub.lastHybridMicros());

        assertThat(stored(t)).isEqualTo(expected(rows));
        assertThat(spoke.rows("SELECT left(error, 5) FROM anabranch.quarantine"))
                .containsExactly("22P02");
    }

    private TableSchema tableOfAllTypes() {
        List<String> columns = new ArrayList<>(List.of("id integer"));
        int number = 0;
        for (String type : VALUES.keySet()) {
            columns.add("c" + number++ + " " + type);
        }
        TableSchema t = Spoke.schema("t", List.of("id"), "", columns.toArray(String[]::new));
        spoke.hub.publish(t);
        return t;
    }

    private static List<List<String>> rows(int columns) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            List<String> row = new ArrayList<>(List.of(Integer.toString(i)));
            for (List<String> values : VALUES.values()) {
                int at = i % (values.size() + 1);
                row.add(at < values.size() ? values.get(at) : null);
            }
            assertThat(row).hasSize(columns);
            rows.add(row);
        }
        return rows;
    }

    /** By the output functions, under the settings that the values were written with. */
    private List<String> stored(TableSchema t) throws SQLException, IOException {
        try (Connection connection = spoke.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "SET search_path = pg_catalog; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = postgres;"
                            + " SET TimeZone = 'UTC'; SET bytea_output = hex; SET extra_float_digits = 3; SET lc_monetary = 'C'");
            StringWriter out = new StringWriter();
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut("COPY (SELECT * FROM " + t.name().quoted() + " ORDER BY id) TO STDOUT", out);
            return out.toString().lines().toList();
        }
    }

    private static List<String> expected(List<List<String>> rows) {
        return rows.stream()
                .map(row -> String.join(
                        "\t", row.stream().map(ApplierTypesIT::copied).toList()))
                .toList();
    }

    /** As COPY writes it. */
    private static String copied(String value) {
        return value == null
                ? "\\N"
                : value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n");
    }
}
