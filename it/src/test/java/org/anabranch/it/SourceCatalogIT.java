package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.anabranch.capture.SourceCatalog;
import org.anabranch.capture.SourceTable;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.anabranch.schemas.TableSchema.CreateStatement;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;

/** What the source's catalogs say makes the same tables elsewhere. */
class SourceCatalogIT {

    private static final String SOURCE = "catalog_source";
    private static final String TARGET = "catalog_target";
    private static final String ROLE = "catalog_builder";

    private static SourceCatalog.Listing listing;

    @BeforeAll
    static void makeTheTargetFromTheSource() throws SQLException, IOException {
        SharedPostgres.createRole(ROLE);
        SharedPostgres.createDatabase(SOURCE);
        SharedPostgres.createDatabase(TARGET);
        try (Connection superuser = SharedPostgres.superuser(SOURCE)) {
            SharedPostgres.execute(superuser, NastyTables.sql());
        }
        try (Connection superuser = SharedPostgres.superuser(TARGET)) {
            SharedPostgres.execute(
                    superuser,
                    "GRANT CREATE ON DATABASE " + TARGET + " TO " + ROLE,
                    "GRANT CREATE ON SCHEMA public TO " + ROLE);
        }
        try (Connection source = SharedPostgres.open(SOURCE, "postgres")) {
            listing = SourceCatalog.read(source, name -> true);
        }
        try (Connection target = SharedPostgres.open(TARGET, ROLE)) {
            for (boolean foreignKeys : new boolean[] {false, true}) {
                for (SourceTable table : listing.tables()) {
                    run(target, table.schema().createStatements(), foreignKeys);
                }
            }
        }
    }

    private static void run(Connection target, List<CreateStatement> statements, boolean foreignKeys)
            throws SQLException {
        for (CreateStatement statement : statements) {
            if (statement.kind().equals("foreign key") != foreignKeys
                    || !rows(target, statement.existsQuery()).isEmpty()) {
                continue;
            }
            SharedPostgres.execute(target, statement.sql());
            assertThat(rows(target, statement.existsQuery()))
                    .as("after %s, its query finds it: %s", statement.sql(), statement.existsQuery())
                    .isNotEmpty();
        }
    }

    private static List<String> rows(Connection connection, String sql) throws SQLException {
        List<String> result = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    values.add(rows.getString(i));
                }
                result.add(String.join(" | ", values));
            }
        }
        return result;
    }

    static List<TableName> tables() {
        return listing.tables().stream().map(table -> table.schema().name()).toList();
    }

    @Test
    void everyTableOfTheSourceIsListedOnceAndNoPartitionOrSystemTable() {
        assertThat(tables()).containsExactlyInAnyOrderElementsOf(NastyTables.NAMES);
    }

    @ParameterizedTest
    @MethodSource("tables")
    void columnsDefaultsIdentityAndCollationsAreTheSame(TableName table) throws SQLException {
        assertSame("""
                SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
                       coalesce(pg_get_expr(d.adbin, d.adrelid), '-'), coalesce(c.collname, '-'),
                       coalesce(c.collisdeterministic, true), coalesce(s.seqstart::text, '-'),
                       coalesce(s.seqincrement::text, '-'), coalesce(s.seqcache::text, '-'), coalesce(s.seqcycle::text, '-')
                FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                LEFT JOIN pg_collation c ON c.oid = a.attcollation
                LEFT JOIN pg_depend p ON p.refobjid = a.attrelid AND p.refobjsubid = a.attnum AND p.deptype IN ('i', 'a')
                     AND p.classid = 'pg_class'::regclass AND p.refclassid = 'pg_class'::regclass
                     AND p.objid IN (SELECT seqrelid FROM pg_sequence)
                LEFT JOIN pg_sequence s ON s.seqrelid = p.objid
                WHERE a.attrelid = '%s'::regclass AND a.attnum > 0 AND NOT a.attisdropped
                ORDER BY a.attnum
                """, table, NastyTables.columnsLeftOut());
    }

    @ParameterizedTest
    @MethodSource("tables")
    void constraintsAndUniqueIndexesAreTheSame(TableName table) throws SQLException {
        assertSame("""
                SELECT conname, pg_get_constraintdef(oid), condeferrable, condeferred FROM pg_constraint
                WHERE conrelid = '%s'::regclass AND contype <> 'n' ORDER BY conname
                """, table, NastyTables.constraintsLeftOut());
        assertSame("""
                SELECT replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON '), indnullsnotdistinct FROM pg_index
                WHERE indrelid = '%s'::regclass AND indisunique AND indisvalid ORDER BY 1
                """, table, NastyTables.constraintsLeftOut());
    }

    private static void assertSame(String sql, TableName table, List<String> leftOut) throws SQLException {
        String query = sql.formatted(table.quoted().replace("'", "''"));
        try (Connection source = SharedPostgres.open(SOURCE, "postgres");
                Connection target = SharedPostgres.open(TARGET, "postgres")) {
            List<String> expected = rows(source, query).stream()
                    .filter(row -> leftOut.stream().noneMatch(name -> row.startsWith(name + " |")))
                    .map(NastyTables::withoutWhatIsLeftOut)
                    .toList();
            assertThat(rows(target, query)).isEqualTo(expected);
        }
    }

    @Test
    void typesAreTheSame() throws SQLException {
        String query = """
                SELECT n.nspname, t.typname, t.typtype, format_type(t.typbasetype, t.typtypmod), t.typnotnull,
                       coalesce(pg_get_expr(t.typdefaultbin, 0), '-'),
                       coalesce((SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum
                                 WHERE enumtypid = t.oid), '-'),
                       coalesce((SELECT string_agg(conname || pg_get_constraintdef(oid), ',' ORDER BY conname)
                                 FROM pg_constraint WHERE contypid = t.oid AND contype = 'c'), '-'),
                       coalesce((SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ',' ORDER BY attnum)
                                 FROM pg_attribute WHERE attrelid = t.typrelid AND NOT attisdropped), '-'),
                       coalesce((SELECT concat(rngsubtype::regtype, rngmultitypid::regtype, rngcollation::regcollation,
                                 rngsubdiff) FROM pg_range WHERE rngtypid = t.oid), '-')
                FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
                WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND t.typtype IN ('e', 'd', 'c', 'r', 'm')
                  AND NOT EXISTS (SELECT 1 FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')
                  AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.objid = t.oid AND e.deptype = 'e')
                  AND t.typname <> 'not needed' ORDER BY 1, 2
                """;
        try (Connection source = SharedPostgres.open(SOURCE, "postgres");
                Connection target = SharedPostgres.open(TARGET, "postgres")) {
            List<String> expected = rows(source, query);
            assertThat(expected).hasSizeGreaterThan(10);
            assertThat(rows(target, query)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("tables")
    void rowsGoOutByCopyAndInByCopy(TableName name) throws SQLException, IOException {
        TableSchema schema = listing.tables().stream()
                .map(SourceTable::schema)
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow();
        String columns = schema.columns().stream()
                .map(column -> TableName.quote(column.name()))
                .collect(Collectors.joining(", "));
        try (Connection source = SharedPostgres.open(SOURCE, "postgres");
                Connection target = SharedPostgres.open(TARGET, ROLE)) {
            byte[] before = copyOut(source, "SELECT " + columns + " FROM " + name.quoted());
            SharedPostgres.execute(target, "TRUNCATE " + name.quoted() + " CASCADE");
            target.setAutoCommit(false);
            SharedPostgres.execute(target, "SET CONSTRAINTS ALL DEFERRED");
            target.unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(
                            "COPY " + name.quoted() + " (" + columns + ") FROM STDIN",
                            new ByteArrayInputStream(before));
            byte[] after = copyOut(target, "SELECT " + columns + " FROM " + name.quoted());
            target.rollback();
            assertThat(sortedLines(after)).isEqualTo(sortedLines(before));
        }
    }

    private static byte[] copyOut(Connection connection, String query) throws SQLException, IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        connection.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY (" + query + ") TO STDOUT", out);
        return out.toByteArray();
    }

    private static List<String> sortedLines(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8).lines().sorted().toList();
    }

    @Test
    void whatNeedsAFunctionOfTheUsersIsLeftOutAndFound() {
        assertThat(listing.findings())
                .extracting(Finding::what)
                .anySatisfy(what ->
                        assertThat(what).contains("default of column \"code\"").contains("next_code()"))
                .anySatisfy(what -> assertThat(what)
                        .contains("generated column \"shouted\"")
                        .contains("shout("))
                .anySatisfy(what ->
                        assertThat(what).contains("constraint \"only_shouted\"").contains("shout("))
                .anySatisfy(what -> assertThat(what)
                        .contains("constraint \"old_rows_break_it\"")
                        .contains("NOT VALID"))
                .anySatisfy(what ->
                        assertThat(what).contains("unique index \"by_shout\"").contains("shout("))
                .anySatisfy(what ->
                        assertThat(what).contains("unique index \"on_shouted\"").contains("column shouted"));
    }

    @Test
    void generatedAndDroppedColumnsDoNotTravel() {
        TableSchema schema = schema("public", "generated");
        assertThat(schema.columns()).extracting(TableSchema.Column::name).containsExactly("id", "net", "tax");
    }

    @Test
    void theKeyIsInTheOrderOfTheConstraintAndNotOfTheColumns() {
        assertThat(schema("public", "Key Order").key()).containsExactly("B", "a.\"1");
    }

    @Test
    void foreignKeysAreStatementsOfTheirOwnKind() {
        assertThat(schema("public", "order_lines").createStatements())
                .filteredOn(statement -> statement.sql().contains("FOREIGN KEY"))
                .extracting(CreateStatement::kind)
                .containsExactly("foreign key");
    }

    @Test
    void aPartitionIsListedOnlyIfNoTableAboveItIs() throws SQLException {
        try (Connection source = SharedPostgres.open(SOURCE, "postgres")) {
            SourceCatalog.Listing some =
                    SourceCatalog.read(source, name -> name.table().startsWith("measurements_"));
            assertThat(some.tables())
                    .extracting(table -> table.schema().name().table())
                    .containsExactly("measurements_new", "measurements_old");
        }
    }

    @Test
    void theFingerprintInTheTargetIsTheSame() throws SQLException {
        try (Connection target = SharedPostgres.open(TARGET, ROLE)) {
            SourceCatalog.Listing there = SourceCatalog.read(target, name -> true);
            assertThat(there.tables())
                    .extracting(table -> table.schema().fingerprint())
                    .containsExactlyElementsOf(listing.tables().stream()
                            .map(table -> table.schema().fingerprint())
                            .toList());
        }
    }

    @Test
    void columnsThatHaveToDoWithWhatIsUniqueAreNamedAsFarAsTheTargetHasTheSame() {
        assertThat(schema("public", "constraints").unique()).containsExactly("a", "b", "c");
        assertThat(schema("public", "measurements").unique()).containsExactly("at", "sensor", "value");
        assertThat(schema("public", "with_functions").unique()).isEmpty();
        assertThat(schema("public", "generated").unique()).isEmpty();
        assertThat(schema("public", "orders").unique()).isEmpty();
    }

    private static TableSchema schema(String schema, String table) {
        return listing.tables().stream()
                .map(SourceTable::schema)
                .filter(candidate -> candidate.name().equals(new TableName(schema, table)))
                .findFirst()
                .orElseThrow();
    }
}
