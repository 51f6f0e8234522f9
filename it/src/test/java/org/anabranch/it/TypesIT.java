package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Values of every type at their edges arrive as the same text, both by the first copy and by streaming, with the database and
 * the role set to other formats than the ones that values travel in.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TypesIT {

    private static final String PIPELINE = "types";

    /** A table, its columns' type, and values as SQL expressions of that type. */
    record Family(String name, String type, List<String> values) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Family family(String name, String type, String... values) {
        return new Family(name, type, List.of(values));
    }

    static Stream<Family> families() {
        return Stream.of(
                family("t_smallint", "smallint", "-32768", "0", "32767"),
                family("t_integer", "integer", "-2147483648", "2147483647"),
                family("t_bigint", "bigint", "-9223372036854775808", "9223372036854775807"),
                family(
                        "t_numeric",
                        "numeric",
                        "'NaN'",
                        "'Infinity'",
                        "'-Infinity'",
                        "0.000",
                        "1.50",
                        "repeat('9', 1000)::numeric",
                        "('0.' || repeat('123', 300))::numeric"),
                family("t_numeric_scaled", "numeric(12,4)", "1", "-99999999.9999", "'NaN'"),
                family("t_real", "real", "'NaN'", "'-0'", "'Infinity'", "'-Infinity'", "1.1", "1e-45", "3.4028235e38"),
                family(
                        "t_double",
                        "double precision",
                        "'NaN'",
                        "'-0'",
                        "'Infinity'",
                        "0.1",
                        "5e-324",
                        "1.7976931348623157e308",
                        "1.0/3"),
                family("t_boolean", "boolean", "true", "false"),
                family(
                        "t_text",
                        "text",
                        "''",
                        "E'tab\\tnewline\\nreturn\\rbackslash\\\\'",
                        "'\\N'",
                        "'NULL'",
                        "'{}'",
                        "'\"'",
                        "'käse 🧀'",
                        "repeat('x', 100000)",
                        "'<unchanged>'",
                        "'__debezium_unavailable_value'"),
                family("t_varchar", "varchar(10)", "''", "'ten chars!'", "'  lead'"),
                family("t_char", "char(5)", "'ab'", "'ab   '", "''", "'   a'"),
                family("t_qchar", "\"char\"", "'a'", "''"),
                family("t_name", "name", "'some_name'"),
                family("t_bytea", "bytea", "''", "'\\x00ff'", "'\\x5c'", "decode(repeat('ab', 8000000), 'hex')"),
                family(
                        "t_date",
                        "date",
                        "'infinity'",
                        "'-infinity'",
                        "'0044-03-15 BC'",
                        "'5874897-12-31'",
                        "'4713-01-01 BC'"),
                family("t_time", "time", "'00:00'", "'24:00:00'", "'12:34:56.789012'"),
                family("t_timetz", "timetz", "'00:00:00+15:59:59'", "'24:00:00-15:59:59'", "'12:34:56.789012+05:30'"),
                family(
                        "t_timestamp",
                        "timestamp",
                        "'infinity'",
                        "'-infinity'",
                        "'4713-01-01 00:00:00 BC'",
                        "'294276-12-31 23:59:59.999999'",
                        "'2026-03-29 02:30:00.000001'"),
                family(
                        "t_timestamptz",
                        "timestamptz",
                        "'infinity'",
                        "'-infinity'",
                        "'4713-01-02 00:00:00+00 BC'",
                        "'294276-12-31 23:59:59.999999+00'",
                        "'1900-01-01 00:00:00+00:19:32'"),
                family("t_timestamp3", "timestamp(3)", "'2026-01-01 00:00:00.1235'"),
                family(
                        "t_interval",
                        "interval",
                        "'-1 years -2 mons +3 days -04:05:06.000007'",
                        "'178000000 years'",
                        "'infinity'",
                        "'2562047788:00:54.775807'",
                        "'0'"),
                family("t_uuid", "uuid", "'00000000-0000-0000-0000-000000000000'", "gen_random_uuid()"),
                family(
                        "t_json",
                        "json",
                        "'{\"a\": 1, \"a\": 2,  \"b\":\"\\u00e4\"}'",
                        "'123456789012345678901234567890.10'",
                        "'null'"),
                family(
                        "t_jsonb",
                        "jsonb",
                        "'{\"b\": [1, 2.50], \"a\": \"\\u00e4\"}'",
                        "'123456789012345678901234567890'",
                        "'null'"),
                family(
                        "t_int_array",
                        "int[]",
                        "'{}'",
                        "'{1,NULL,3}'",
                        "'{{1,2},{3,4}}'",
                        "'[0:1]={1,2}'",
                        "'[-2:-1][3:4]={{1,2},{3,4}}'"),
                family("t_text_array", "text[]", "ARRAY['', 'NULL', NULL, 'a,b', '\"', E'\\\\', '{']", "'{{{x}}}'"),
                family("t_array_types_1", "numeric[]", "ARRAY['NaN', 1.50, 'Infinity']::numeric[]"),
                family(
                        "t_array_types_2",
                        "timestamptz[]",
                        "ARRAY['infinity', '0044-03-15 12:00+00 BC']::timestamptz[]"),
                family("t_array_types_3", "interval[]", "ARRAY['1 mon', '-1 day']::interval[]"),
                family("t_array_types_4", "bytea[]", "ARRAY['\\x00', NULL, '']::bytea[]"),
                family("t_array_types_5", "money[]", "ARRAY[1.5::numeric::money]"),
                family("t_array_types_6", "point[]", "ARRAY['(1,2)'::point]"),
                family("t_array_types_7", "jsonb[]", "ARRAY['{\"a\": \"b,c\"}'::jsonb]"),
                family("t_array_types_8", "bool[]", "'{t,f,NULL}'"),
                family("t_array_types_9", "uuid[]", "ARRAY[gen_random_uuid()]"),
                family("t_array_types_10", "date[]", "ARRAY['infinity'::date]"),
                family("t_array_types_11", "xml[]", "ARRAY['<a>&lt;</a>'::xml]"),
                family("t_array_types_12", "char(3)[]", "ARRAY['a'::char(3)]"),
                family("t_array_types_13", "float8[]", "ARRAY['-0'::float8, 'NaN', 0.1]"),
                family("t_enum", "mood", "'sad'", "'it''s ok'", "'ÜBER'"),
                family("t_enum_array", "mood[]", "'{sad,NULL}'"),
                family("t_domain", "positive", "1", "9.99"),
                family("t_domain_array", "positive[]", "'{1,2}'"),
                family(
                        "t_composite",
                        "address",
                        "ROW('a \"street\"', NULL, 1.50)",
                        "ROW(NULL, NULL, NULL)",
                        "ROW('', '(x,y)', 'NaN')"),
                family("t_composite_array", "address[]", "ARRAY[ROW('s', 'c', 1)::address, NULL]"),
                family("t_nested", "person", "ROW('n', ROW('s', 'c', 1)::address, ARRAY['sad']::mood[])"),
                family("t_ranges", "int4range", "'empty'", "'[1,5)'", "'(,)'", "'[3,]'"),
                family("t_numrange", "numrange", "'[1.0,2.50]'", "'(,1e10)'"),
                family("t_tstzrange", "tstzrange", "'[2026-01-01 00:00+02,infinity]'"),
                family("t_daterange", "daterange", "'[2026-01-01,2026-02-01]'"),
                family("t_multirange", "int8multirange", "'{}'", "'{[1,3),[5,9)}'"),
                family("t_own_range", "textrange", "'[a,z]'"),
                family("t_inet", "inet", "'10.0.0.1'", "'10.0.0.1/8'", "'::1/64'"),
                family("t_cidr", "cidr", "'10.0.0.0/8'", "'2001:db8::/32'"),
                family("t_macaddr", "macaddr", "'08:00:2b:01:02:03'"),
                family("t_macaddr8", "macaddr8", "'08:00:2b:01:02:03:04:05'"),
                family("t_bit", "bit(5)", "B'10101'"),
                family("t_bit1", "bit", "B'1'"),
                family("t_varbit", "bit varying", "B''", "B'101010101010101010101010101010101'"),
                family("t_money", "money", "'-92233720368547758.08'", "'12.34'"),
                family("t_tsvector", "tsvector", "'a:1A fat:2B,4C ''it''''s'':3'"),
                family("t_tsquery", "tsquery", "'fat & (rat | !cat:ab)'"),
                family("t_point", "point", "'(1e-300,-0)'", "'(NaN,Infinity)'"),
                family("t_line", "line", "'{1,2,3}'"),
                family("t_lseg", "lseg", "'[(0,0),(1.5,2)]'"),
                family("t_box", "box", "'(1,2),(3,4)'"),
                family("t_path", "path", "'[(0,0),(1,1)]'", "'((0,0),(1,1))'"),
                family("t_polygon", "polygon", "'((0,0),(1,1),(2,0))'"),
                family("t_circle", "circle", "'<(1,2),3>'"),
                family("t_xml", "xml", "'<a b=\"c\">&amp;</a>'", "'<?xml version=\"1.0\"?><x/>'", "'text only'"),
                family("t_oid", "oid", "4294967295"),
                family("t_lsn", "pg_lsn", "'16/B374D848'"),
                family("t_snapshot", "pg_snapshot", "'10:20:10,14,15'"),
                family("t_jsonpath", "jsonpath", "'$.a[*] ? (@ > 1)'"));
    }

    private final List<String> setUp = new ArrayList<>(List.of(
            "SET array_nulls = on",
            "SET xmloption = content",
            "CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'ÜBER')",
            "CREATE DOMAIN positive AS numeric(10,2) CHECK (VALUE > 0)",
            "CREATE TYPE address AS (street text, \"The City\" varchar(20), number numeric)",
            "CREATE TYPE person AS (name text, home address, moods mood[])",
            "CREATE TYPE textrange AS RANGE (subtype = text)",
            "CREATE TABLE with_generated (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int,"
                    + " twice int GENERATED ALWAYS AS (a * 2) STORED, other int GENERATED BY DEFAULT AS IDENTITY (START 1000),"
                    + " always int GENERATED ALWAYS AS IDENTITY (START 5000))",
            "INSERT INTO with_generated (a) VALUES (1), (2), (NULL)",
            "CREATE TABLE named (id int PRIMARY KEY, \"quo\"\"ted\" text, \"dot.ted\" text, \"名前\" text," + " \""
                    + "x".repeat(63) + "\" text, \"UPPER\" text, \"select\" text)",
            "INSERT INTO named VALUES (1, 'a', 'b', 'c', 'd', 'e', 'f')"));

    private Nodes nodes;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        var pipeline = Pipelines.create(PIPELINE, directory, "  - table: public.*\n");
        for (String place : Pipelines.PLACES) {
            hostileSettings(place);
        }
        families().forEach(family -> {
            setUp.add("CREATE TABLE " + family.name() + " (id int PRIMARY KEY, v " + family.type() + ")");
            setUp.addAll(inserts(family, 0));
        });
        Tables.execute(PIPELINE, "hub", setUp.toArray(String[]::new));
        nodes = Nodes.start(pipeline, directory);
        Tables.awaitReplicatedUntilNow(PIPELINE);
        for (Family family : families().toList()) {
            Tables.assertSame(PIPELINE, family.name());
        }
        List<String> changes = new ArrayList<>(List.of("SET array_nulls = on", "SET xmloption = content"));
        families().forEach(family -> changes.addAll(changes(family)));
        Tables.execute(PIPELINE, "hub", changes.toArray(String[]::new));
        Tables.awaitReplicatedUntilNow(PIPELINE);
    }

    private static void hostileSettings(String place) throws Exception {
        var postgres = SharedCluster.get().region(place).postgres();
        for (String setting : List.of(
                "DateStyle = 'SQL, DMY'",
                "IntervalStyle = 'iso_8601'",
                "bytea_output = 'escape'",
                "TimeZone = 'Asia/Kathmandu'",
                "extra_float_digits = -5",
                "xmloption = 'document'",
                "array_nulls = off")) {
            postgres.execute(PIPELINE, "ALTER DATABASE " + PIPELINE + " SET " + setting);
        }
    }

    private static List<String> changes(Family family) {
        List<String> changes = new ArrayList<>(inserts(family, 100));
        changes.add("UPDATE " + family.name() + " SET id = id + 1000 WHERE id < 2");
        changes.add("UPDATE " + family.name() + " SET v = (SELECT v FROM " + family.name()
                + " WHERE id = 100) WHERE id = 101");
        return changes;
    }

    private static List<String> inserts(Family family, int from) {
        List<String> inserts = new ArrayList<>();
        int id = from;
        for (String value : family.values()) {
            inserts.add(
                    "INSERT INTO " + family.name() + " VALUES (" + id++ + ", (" + value + ")::" + family.type() + ")");
        }
        inserts.add("INSERT INTO " + family.name() + " VALUES (" + id + ", NULL)");
        return inserts;
    }

    @AfterAll
    void stop() {
        if (nodes != null) {
            nodes.close();
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void valuesArriveAsTheSameText(Family family) throws Exception {
        Tables.assertSame(PIPELINE, family.name());

        assertThat(Tables.rows(PIPELINE, "eu", family.name()))
                .hasSize(2 * (family.values().size() + 1))
                .isEqualTo(Tables.rows(PIPELINE, "hub", family.name()));
    }

    @org.junit.jupiter.api.Test
    void generatedAndIdentityColumnsAreTheSame() throws Exception {
        Tables.execute(
                PIPELINE,
                "hub",
                "INSERT INTO with_generated (a) SELECT generate_series(1, 20)",
                "UPDATE with_generated SET a = a + 1 WHERE id < 10",
                "UPDATE with_generated SET always = DEFAULT WHERE id = 3",
                "DELETE FROM with_generated WHERE id = 5");
        Tables.awaitSame(PIPELINE, "with_generated");
        assertThat(Tables.value(
                        PIPELINE,
                        "eu",
                        "SELECT string_agg(attidentity::text || attgenerated::text, '|' ORDER BY attnum)"
                                + " FROM pg_attribute WHERE attrelid = 'with_generated'::regclass AND attnum > 0"))
                .isEqualTo("a||s|d|a");
    }

    @org.junit.jupiter.api.Test
    void oddColumnNamesAreTheSame() throws Exception {
        Tables.execute(
                PIPELINE,
                "hub",
                "INSERT INTO named VALUES (2, 'g', 'h', 'i', 'j', 'k', 'l')",
                "UPDATE named SET \"dot.ted\" = NULL, \"名前\" = 'neu'");
        Tables.awaitSame(PIPELINE, "named");
    }
}
