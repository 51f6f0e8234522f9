package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.anabranch.capture.SourceCatalog;
import org.anabranch.capture.SourceTable;
import org.anabranch.capture.TableReader;
import org.anabranch.capture.TableReader.Chunk;
import org.anabranch.capture.TableReader.KeyedRow;
import org.anabranch.schemas.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** The first copy's reader gives every row once, exactly, whatever the key. */
@Timeout(300)
class TableReaderIT {

    private static final String DATABASE = "reader";
    private static final long BYTES_MAX = 1 << 20;

    /** No table here has as many: a reader that goes round is stopped. */
    private static final int CHUNKS_MAX = 1_500;

    private Connection connection;

    @BeforeAll
    static void makeDatabase() throws SQLException {
        SharedPostgres.createDatabase(DATABASE);
        try (Connection superuser = SharedPostgres.superuser(DATABASE)) {
            SharedPostgres.execute(
                    superuser,
                    "ALTER DATABASE " + DATABASE + " SET DateStyle = 'German'",
                    "ALTER DATABASE " + DATABASE + " SET IntervalStyle = 'sql_standard'",
                    "ALTER DATABASE " + DATABASE + " SET bytea_output = 'escape'",
                    "ALTER DATABASE " + DATABASE + " SET TimeZone = 'Asia/Kolkata'",
                    "ALTER DATABASE " + DATABASE + " SET extra_float_digits = -5",
                    "ALTER DATABASE " + DATABASE + " SET statement_timeout = '1ms'",
                    "ALTER ROLE postgres IN DATABASE " + DATABASE + " SET quote_all_identifiers = on",
                    "ALTER ROLE postgres IN DATABASE " + DATABASE + " SET standard_conforming_strings = off",
                    "ALTER ROLE postgres IN DATABASE " + DATABASE + " SET TimeZone = 'America/New_York'");
        }
    }

    @BeforeEach
    void open() throws SQLException {
        connection = SharedPostgres.open(DATABASE, "postgres");
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    private SourceTable table(String name, String... statements) throws SQLException {
        SharedPostgres.execute(connection, "SET search_path = public", "DROP TABLE IF EXISTS " + name + " CASCADE");
        SharedPostgres.execute(connection, statements);
        SharedPostgres.execute(connection, "SET search_path = pg_catalog");
        return SourceCatalog.read(connection, candidate -> candidate.table().equals(name))
                .tables()
                .getFirst();
    }

    private List<KeyedRow> all(SourceTable table, int rowsMax) throws SQLException {
        TableReader reader = new TableReader(connection, table);
        List<KeyedRow> rows = new ArrayList<>();
        Chunk chunk = reader.read(null, rowsMax, BYTES_MAX);
        rows.addAll(chunk.rows());
        while (!chunk.complete()) {
            assertThat(chunk.rows()).hasSizeBetween(1, rowsMax);
            List<String> lastKey = rows.getLast().key();
            chunk = reader.read(chunk.lastKey(), rowsMax, BYTES_MAX);
            assertThat(chunk.rows()).extracting(KeyedRow::key).doesNotContain(lastKey);
            rows.addAll(chunk.rows());
        }
        return rows;
    }

    private List<String> copied(String query) throws SQLException, IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        connection.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY (" + query + ") TO STDOUT", out);
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100})
    void aCompositeKeyIsReadOnceWhereverChunksEnd(int rowsMax) throws SQLException {
        SourceTable table = table(
                "composite",
                "CREATE TABLE composite (b int, v text, a text COLLATE \"de-x-icu\", PRIMARY KEY (a, b))",
                "INSERT INTO composite SELECT i % 7, i::text, chr(97 + i / 7) || repeat('ä', i % 2) FROM generate_series(0, 41) i");
        List<KeyedRow> rows = all(table, rowsMax);
        assertThat(rows).hasSize(42);
        assertThat(rows.stream().map(KeyedRow::key)).doesNotHaveDuplicates();
        assertThat(rows).allSatisfy(row -> assertThat(row.key())
                .containsExactly(row.row().text(2), row.row().text(0)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text COLLATE \"C\"",
                "text COLLATE \"en-x-icu\"",
                "text COLLATE \"und-x-icu\"",
                "varchar(30) COLLATE \"de-x-icu\"",
                "char(30)",
                "name",
                "name COLLATE \"en-x-icu\"",
                "public.coded",
                "public.coded COLLATE \"da-x-icu\""
            })
    void textKeysAreReadOnceUnderAnyCollation(String type) throws SQLException {
        SharedPostgres.execute(
                connection,
                "DROP DOMAIN IF EXISTS public.coded CASCADE",
                "CREATE DOMAIN public.coded AS text COLLATE \"sv-x-icu\"");
        SourceTable table = table(
                "texts",
                "CREATE TABLE texts (id " + type + " PRIMARY KEY)",
                "INSERT INTO texts SELECT DISTINCT c || d FROM unnest(ARRAY['a','B','ä','Z','å','aa','''','\"',E'\\\\',E'\\t','',"
                        + " '-', '😀', 'ß', E'\\n']) c, unnest(ARRAY['', 'x', 'X', '_', 'é', E'\\\\N', '🐘']) d");
        List<KeyedRow> rows = all(table, 3);
        long count = TableReader.rowsEstimated(connection, table);
        assertThat(rows).hasSize((int) count).hasSizeGreaterThan(90);
        assertThat(rows.stream().map(KeyedRow::key)).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "numeric: 'NaN', '-Infinity', 'Infinity', '0.00', '-1.50', '1.5e10', '1e-30'",
                "float8: 'NaN', '-0', '5e-324', '-Infinity', '1e300', '0.1'",
                "real: 'NaN', '-0', '1e-45', 'Infinity', '0.1'",
                "bool: 'f', 't'",
                "uuid: '00000000-0000-0000-0000-000000000001', 'ffffffff-ffff-ffff-ffff-ffffffffffff'",
                "bytea: '', '\\x00', '\\x5c27', '\\xff'",
                "date: '4713-01-01 BC', '5874897-12-31', 'infinity', '-infinity', '2020-02-29'",
                "timestamp: '4713-01-01 BC', '294276-12-31 23:59:59.999999', 'infinity', '2020-01-01 00:00:00.000001'",
                "timestamptz: '4713-01-02 BC', '294276-12-31 23:59:59.999999+00', '-infinity', '2020-03-29 02:30:00+01'",
                "time: '00:00', '24:00', '12:34:56.789012'",
                "timetz: '00:00+15:59', '24:00-15:59', '12:34:56.789012+01'",
                "inet: '1.2.3.4', '1.2.3.4/8', '::1', '10.0.0.0/24'",
                "cidr: '1.0.0.0/8', '::/0'",
                "macaddr: '01:02:03:04:05:06', 'ff:ff:ff:ff:ff:ff'",
                "bit(3): '000', '101', '111'",
                "varbit: '', '1', '10', '0000000001'",
                "money: '-92233720368547758.08', '0', '1234.56'",
                "oid: '0', '4294967295'",
                "xid8: '1', '18446744073709551615'",
                "pg_lsn: '0/0', 'FFFFFFFF/FFFFFFFF'",
                "\"char\": '', 'a', '\\377'",
                "int8: '-9223372036854775808', '9223372036854775807', '0'"
            })
    void everyKeyTypeIsReadOnceAndExactly(String typeAndValues) throws SQLException, IOException {
        String type = typeAndValues.substring(0, typeAndValues.indexOf(": "));
        String values = typeAndValues.substring(typeAndValues.indexOf(": ") + 2);
        SourceTable table = table(
                "keys",
                "CREATE TABLE keys (id " + type + " PRIMARY KEY, copy " + type + ")",
                "INSERT INTO keys SELECT v::" + type + ", v::" + type + " FROM unnest(ARRAY[" + values + "]) v");
        assertThat(table.keyColumns().getFirst().refusal()).isNull();
        List<KeyedRow> rows = all(table, 1);
        List<String> expected = copied("SELECT copy FROM public.keys ORDER BY id");
        assertThat(rows).hasSize(expected.size()).hasSizeGreaterThan(1);
        assertThat(rows.stream().map(row -> escaped(row.row().text(0)))).containsExactlyElementsOf(expected);
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\");
    }

    @Test
    void everyCharacterOfCopysTextComesOutAsItWentIn() throws SQLException {
        SourceTable table = table(
                "characters",
                "CREATE TABLE characters (id int PRIMARY KEY, c text, n text, e text)",
                "INSERT INTO characters SELECT i, chr(i) || 'N' || chr(i), NULL, '' FROM generate_series(1, 300) i",
                "INSERT INTO characters VALUES (301, E'\\\\N', E'\\\\', E'\\\\.')");
        List<KeyedRow> rows = all(table, 50);
        assertThat(rows).hasSize(301);
        for (int i = 1; i <= 300; i++) {
            String character = Character.toString(i);
            assertThat(rows.get(i - 1).row())
                    .isEqualTo(Row.of(Integer.toString(i), character + "N" + character, null, ""));
        }
        assertThat(rows.getLast().row()).isEqualTo(Row.of("301", "\\N", "\\", "\\."));
    }

    @Test
    void aChunkEndsAtItsBytesAndTheRestComesWithTheNext() throws SQLException {
        SourceTable table = table(
                "wide",
                "CREATE TABLE wide (id int PRIMARY KEY, v text)",
                "INSERT INTO wide SELECT i, repeat(chr(97 + i % 26), 1000000) FROM generate_series(1, 60) i");
        TableReader reader = new TableReader(connection, table);
        Chunk first = reader.read(null, 1_000, 3_500_000);
        assertThat(first.rows()).hasSize(4);
        assertThat(first.complete()).isFalse();
        Set<String> seen = new HashSet<>();
        first.rows().forEach(row -> seen.add(row.key().getFirst()));
        Chunk chunk = first;
        while (!chunk.complete()) {
            chunk = reader.read(chunk.lastKey(), 1_000, 3_500_000);
            assertThat(chunk.bytes()).isLessThan(4_600_000);
            chunk.rows().forEach(row -> assertThat(seen.add(row.key().getFirst()))
                    .as("key %s comes once", row.key())
                    .isTrue());
        }
        assertThat(seen).hasSize(60);
    }

    @Test
    void aRowLongerThanTheBytesOfAChunkIsReadAlone() throws SQLException {
        SourceTable table = table(
                "longer",
                "CREATE TABLE longer (id int PRIMARY KEY, v text)",
                "INSERT INTO longer SELECT i, repeat('x', 10000000) FROM generate_series(1, 3) i");
        List<KeyedRow> rows = all(table, 1_000);
        assertThat(rows)
                .extracting(row -> row.row().text(1).length())
                .containsExactly(10_000_000, 10_000_000, 10_000_000);
    }

    @Test
    void rowsThatStayAreReadOnceWhileOthersComeAndGo() throws SQLException {
        SourceTable table = table(
                "moving",
                "CREATE TABLE moving (id int PRIMARY KEY, v int)",
                "INSERT INTO moving SELECT i, 0 FROM generate_series(0, 3000, 3) i");
        TableReader reader = new TableReader(connection, table);
        List<Integer> stayed = new ArrayList<>();
        try (Connection writer = SharedPostgres.superuser(DATABASE)) {
            SharedPostgres.execute(writer, "SET statement_timeout = 0");
            Chunk chunk = new Chunk(List.of(), null, false, 0);
            for (int round = 0; !chunk.complete(); round++) {
                assertThat(round).as("chunks so far").isLessThan(CHUNKS_MAX);
                chunk = reader.read(chunk.lastKey(), 20, BYTES_MAX);
                chunk.rows().stream()
                        .map(row -> Integer.parseInt(row.key().getFirst()))
                        .filter(id -> id % 3 == 0)
                        .forEach(stayed::add);
                SharedPostgres.execute(
                        writer,
                        "INSERT INTO public.moving SELECT i, 1 FROM generate_series(1 + 3 * " + round * 40
                                + ", 3000, 37) i WHERE i % 3 = 1 ON CONFLICT DO NOTHING",
                        "DELETE FROM public.moving WHERE id % 3 = 1 AND id % 5 = " + round % 5,
                        "UPDATE public.moving SET v = v + 1 WHERE id % 10 = " + round % 10);
            }
        }
        assertThat(stayed).hasSize(1001).doesNotHaveDuplicates().isSorted();
    }

    @Test
    void partitionsAreReadThroughTheirTableAndInheritedTablesAreNot() throws SQLException {
        SourceTable parted = table(
                "parted",
                "CREATE TABLE parted (id int PRIMARY KEY, v text) PARTITION BY HASH (id)",
                "CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
                "INSERT INTO parted SELECT i, i FROM generate_series(1, 100) i");
        assertThat(all(parted, 7))
                .extracting(row -> Integer.parseInt(row.key().getFirst()))
                .hasSize(100)
                .isSorted();
        assertThat(TableReader.rowsEstimated(connection, parted)).isEqualTo(100);
        SourceTable parent = table(
                "parent",
                "CREATE TABLE parent (id int PRIMARY KEY)",
                "CREATE TABLE child (more int) INHERITS (parent)",
                "INSERT INTO parent VALUES (1), (2)",
                "INSERT INTO child VALUES (3, 3)");
        assertThat(all(parent, 7)).extracting(row -> row.key().getFirst()).containsExactly("1", "2");
        assertThat(TableReader.rowsEstimated(connection, parent)).isEqualTo(2);
    }

    @Test
    void aTableThatWasAnalyzedIsEstimatedWithoutCounting() throws SQLException {
        SourceTable table = table(
                "analyzed",
                "CREATE TABLE analyzed (id int PRIMARY KEY) WITH (autovacuum_enabled = off)",
                "INSERT INTO analyzed SELECT generate_series(1, 5000)",
                "ANALYZE analyzed",
                "INSERT INTO analyzed SELECT generate_series(5001, 5100)");
        assertThat(TableReader.rowsEstimated(connection, table)).isEqualTo(5000);
    }

    @Test
    void rowsThatAPolicyHidesMakeTheReadFailInsteadOfBeingSkipped() throws SQLException {
        SharedPostgres.createRole("reader_under_policy");
        SourceTable table = table(
                "hidden",
                "CREATE TABLE hidden (id int PRIMARY KEY)",
                "INSERT INTO hidden VALUES (1), (2)",
                "ALTER TABLE hidden ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY first_only ON hidden USING (id = 1)",
                "GRANT SELECT ON hidden TO reader_under_policy");
        try (Connection limited = SharedPostgres.open(DATABASE, "reader_under_policy")) {
            TableReader reader = new TableReader(limited, table);
            assertThatThrownBy(() -> reader.read(null, 10, BYTES_MAX))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("row-level security");
        }
    }

    @Test
    void aChunkIsReadFromTheIndexAlsoWithoutStatistics() throws SQLException {
        SourceTable table = table(
                "unanalyzed",
                "CREATE TABLE unanalyzed (a text COLLATE \"de-x-icu\", b int, v text, PRIMARY KEY (a, b))"
                        + " WITH (autovacuum_enabled = off)",
                "INSERT INTO unanalyzed SELECT i % 1000, i, i FROM generate_series(1, 50000) i");
        // where an index seems dear, the planner by itself would read and sort the whole table
        SharedPostgres.execute(connection, "SET random_page_cost = 1000");
        Chunk chunk = new TableReader(connection, table).read(List.of("500", "25500"), 100, BYTES_MAX);
        assertThat(chunk.rows()).hasSize(100);
        SharedPostgres.execute(connection, "SELECT pg_stat_force_next_flush()");
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'unanalyzed'")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getLong("seq_tup_read")).isZero();
            assertThat(rows.getLong("idx_tup_fetch")).isBetween(100L, 200L);
        }
    }

    @Test
    void aTransactionAndATableWithoutAKeyAreRefused() throws SQLException {
        SourceTable keyless = table("keyless", "CREATE TABLE keyless (id int)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TableReader(connection, keyless))
                .withMessageContaining("public.keyless has no primary key");
        SourceTable table = table("keyed", "CREATE TABLE keyed (id int PRIMARY KEY)");
        connection.setAutoCommit(false);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TableReader(connection, table))
                .withMessageContaining("autocommit");
    }
}
