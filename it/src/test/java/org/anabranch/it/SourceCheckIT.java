package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.anabranch.capture.DatabaseSettings;
import org.anabranch.capture.PublicationPlan;
import org.anabranch.capture.SourceCatalog;
import org.anabranch.capture.SourceCheck;
import org.anabranch.capture.TablePattern;
import org.anabranch.sandbox.FreePorts;
import org.anabranch.sandbox.PostgresServer;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.Finding.Severity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Everything that is wrong with a source is found at once, with its name, the value, and the statement that helps. */
class SourceCheckIT {

    private static final String DATABASE = "checked";
    private static final String ROLE = "checker";
    private static final String OWNER = "tables_owner";
    private static final List<String> PREPARATION =
            List.of("CREATE SCHEMA anabranch", "CREATE TABLE anabranch.heartbeat (id int PRIMARY KEY)");

    @BeforeEach
    void makeDatabase() throws SQLException {
        SharedPostgres.createDatabase(DATABASE);
        SharedPostgres.createRole(ROLE);
        SharedPostgres.createRole(OWNER);
        superuser("ALTER ROLE " + ROLE + " REPLICATION", "GRANT ALL ON SCHEMA public TO " + OWNER);
        superuser("REVOKE " + OWNER + " FROM " + ROLE);
    }

    @AfterEach
    void dropSlots() throws SQLException {
        superuser("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '" + DATABASE
                + "'");
    }

    private static void superuser(String... statements) throws SQLException {
        try (Connection superuser = SharedPostgres.superuser(DATABASE)) {
            SharedPostgres.execute(superuser, statements);
        }
    }

    private static void asRole(String role, String... statements) throws SQLException {
        try (Connection connection = SharedPostgres.open(DATABASE, role)) {
            SharedPostgres.execute(connection, "SET search_path = public");
            SharedPostgres.execute(connection, statements);
        }
    }

    private static SourceCheck.Settings settings(DatabaseSettings database, String... tables) {
        List<TablePattern> patterns = Arrays.stream(tables)
                .map(text -> new TablePattern(text, name -> name.toString()
                        .matches(text.replace(".", "\\.").replace("*", ".*"))))
                .toList();
        return new SourceCheck.Settings("hub", database, "anabranch_shop", "anabranch_shop", patterns, PREPARATION);
    }

    private static List<Finding> check(String role, String... tables) {
        return new SourceCheck(settings(SharedPostgres.settings(DATABASE, role), tables)).findings();
    }

    private static void assertFound(List<Finding> findings, Severity severity, String where, String what, String fix) {
        assertThat(findings)
                .anySatisfy(finding -> {
                    assertThat(finding.severity()).isEqualTo(severity);
                    assertThat(finding.where()).startsWith("hub: ").contains(where);
                    assertThat(finding.what()).contains(what);
                    assertThat(finding.fix()).contains(fix);
                })
                .allSatisfy(finding -> assertThat(finding.toString()).doesNotContain("canary"));
    }

    @Test
    void nothingIsFoundWhereAllIsWell() throws SQLException {
        asRole(OWNER, "CREATE TABLE a (id int PRIMARY KEY)", "GRANT SELECT ON a TO " + ROLE);
        superuser("GRANT CREATE ON DATABASE " + DATABASE + " TO " + ROLE, "GRANT " + OWNER + " TO " + ROLE);
        assertThat(check(ROLE, "public.a")).isEmpty();
        assertThat(check("postgres", "public.*")).isEmpty();
    }

    @Test
    void theGrantsThatAreNamedAreEnough() throws SQLException {
        superuser("ALTER ROLE " + ROLE + " NOREPLICATION", "CREATE SCHEMA \"Shop s\" AUTHORIZATION " + OWNER);
        asRole(OWNER, "CREATE TABLE \"Shop s\".\"A\" (id int PRIMARY KEY)");
        List<Finding> findings = check(ROLE, "\"Shop s\".\"A\"");
        assertFound(findings, Severity.ERROR, "role checker", "REPLICATION", "ALTER ROLE \"checker\" REPLICATION");
        assertFound(findings, Severity.ERROR, "schema Shop s", "may not use", "GRANT USAGE ON SCHEMA \"Shop s\"");
        assertFound(findings, Severity.ERROR, "\"Shop s\".\"A\"", "may not read", "GRANT SELECT ON \"Shop s\".\"A\"");
        assertFound(findings, Severity.ERROR, "role checker", "heartbeat", "GRANT CREATE ON DATABASE \"checked\"");
        assertFound(findings, Severity.ERROR, "publication", "does not own \"Shop s\".\"A\"", "GRANT tables_owner TO");
        for (Finding finding : findings) {
            String fix = finding.fix()
                    .replaceAll("(?s)(; or CREATE|\nor let).*", "")
                    .replace("either let the role make it: ", "");
            superuser(fix.replaceAll(" \\(instead.*\\)", ""));
        }
        assertThat(check(ROLE, "\"Shop s\".\"A\"")).isEmpty();
    }

    @Test
    void aPublicationByTheTablesOwnerIsUsedAsItIs() throws SQLException {
        asRole(OWNER, "CREATE TABLE a (id int PRIMARY KEY)", "CREATE TABLE b (id int PRIMARY KEY)");
        superuser("GRANT SELECT ON a, b TO " + ROLE, "GRANT CREATE ON DATABASE " + DATABASE + " TO " + OWNER);
        List<Finding> findings = check(ROLE, "public.*");
        String fix = findings.stream()
                .filter(finding -> finding.where().contains("publication"))
                .findFirst()
                .orElseThrow()
                .fix();
        asRole(OWNER, fix.substring(fix.indexOf("owner make it: ") + "owner make it: ".length()));
        assertFound(check(ROLE, "public.*"), Severity.ERROR, "schema anabranch", "may not use", "GRANT USAGE");
        asRole(
                OWNER,
                "GRANT USAGE ON SCHEMA anabranch TO " + ROLE,
                "GRANT SELECT, INSERT, UPDATE, DELETE ON anabranch.heartbeat TO " + ROLE);
        assertThat(check(ROLE, "public.*")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "FOR TABLE a, anabranch.heartbeat | it lacks public.b | ADD TABLE \"public\".\"b\"",
                "FOR TABLE a, b | it lacks anabranch.heartbeat | ADD TABLE \"anabranch\".\"heartbeat\"",
                "FOR TABLE a, b, anabranch.heartbeat WITH (publish = 'insert, update, delete') | truncate | SET (publish =",
                "FOR TABLE a (id), b, anabranch.heartbeat | column list on public.a | DROP TABLE \"public\".\"a\"",
                "FOR TABLE a, b WHERE (id > 3), anabranch.heartbeat | row filter or a column list on public.b | ADD TABLE"
            })
    void aPublicationThatDoesNotFitIsRefused(String definition, String what, String fix) throws SQLException {
        asRole(OWNER, "CREATE TABLE a (id int PRIMARY KEY, v int)", "CREATE TABLE b (id int PRIMARY KEY)");
        superuser("GRANT SELECT ON a, b TO " + ROLE);
        superuser(PREPARATION.toArray(String[]::new));
        superuser(
                "GRANT ALL ON SCHEMA anabranch TO " + ROLE,
                "GRANT ALL ON anabranch.heartbeat TO " + ROLE,
                "CREATE PUBLICATION anabranch_shop " + definition);
        List<Finding> findings = check(ROLE, "public.*");
        assertFound(findings, Severity.ERROR, "publication anabranch_shop", what, fix);
        try (Connection connection = SharedPostgres.open(DATABASE, "postgres")) {
            SourceCheck.Settings settings = settings(SharedPostgres.settings(DATABASE, "postgres"), "public.*");
            PublicationPlan plan = PublicationPlan.of(
                    connection,
                    settings,
                    SourceCatalog.read(connection, name -> true).tables());
            assertThat(plan.findings()).isEmpty();
            SharedPostgres.execute(connection, plan.statements().toArray(String[]::new));
        }
        assertThat(check(ROLE, "public.*")).isEmpty();
    }

    @Test
    void partitionedTablesNeedThePublicationToSpeakOfTheRoot() throws SQLException {
        superuser("CREATE TABLE p (id int PRIMARY KEY) PARTITION BY HASH (id)");
        superuser("CREATE TABLE p0 PARTITION OF p FOR VALUES WITH (MODULUS 1, REMAINDER 0)");
        superuser(PREPARATION.toArray(String[]::new));
        superuser("CREATE PUBLICATION anabranch_shop FOR TABLE p, anabranch.heartbeat", "GRANT SELECT ON p TO " + ROLE);
        assertFound(
                check(ROLE, "public.p"),
                Severity.ERROR,
                "publication",
                "partitioned",
                "publish_via_partition_root = true");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "v int | ERROR | has no primary key | ADD COLUMN row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                "v int NOT NULL UNIQUE | ERROR | has no primary key | ADD PRIMARY KEY (v)",
                "id interval PRIMARY KEY | ERROR | \"id\" of type interval cannot be a key: equal intervals | other columns",
                "id int PRIMARY KEY, r regclass | ERROR | column \"r\" holds values of type regclass | TYPE text",
                "id int PRIMARY KEY, r regrole[] | ERROR | \"r\" holds values of type regrole | leave the table out",
                "id int PRIMARY KEY, r deep | ERROR | \"r\" holds values of type regproc | TYPE text",
                "id int PRIMARY KEY, a aclitem | ERROR | aclitem | TYPE text",
                "id int PRIMARY KEY, \"Id\" int, x int, \"X\" int | ERROR | columns \"Id\" and id differ only | RENAME COLUMN",
                "id int PRIMARY KEY DEFERRABLE | ERROR | deferrable, which is no replica identity | REPLICA IDENTITY FULL",
                "id int PRIMARY KEY, lo oid | WARNING | column \"lo\" is of type oid | bytea",
                "id int PRIMARY KEY, c text DEFAULT public.own_function() | WARNING | default of column \"c\" | by hand"
            })
    void aTableThatCannotBeCarriedIsFound(String columns, Severity severity, String what, String fix)
            throws SQLException {
        superuser(
                "CREATE TYPE inner_part AS (p regproc)",
                "CREATE DOMAIN deep AS inner_part[]",
                "CREATE FUNCTION own_function() RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$",
                "SELECT lo_create(4711)",
                "CREATE TABLE t (" + columns + ")");
        assertFound(check("postgres", "public.*"), severity, "table public.t", what, fix);
    }

    @Test
    void aUniqueIndexWithoutNullsIsNamedAsTheKeyThatWouldHelp() throws SQLException {
        superuser("CREATE TABLE t (a int NOT NULL, b int NOT NULL)", "CREATE UNIQUE INDEX \"T ab\" ON t (b, a)");
        assertFound(
                check("postgres", "public.*"),
                Severity.ERROR,
                "public.t",
                "no primary key",
                "ALTER TABLE \"public\".\"t\" ADD PRIMARY KEY USING INDEX \"T ab\"");
    }

    @Test
    void whatHasNoRowsInTheWalIsFound() throws SQLException {
        superuser(
                "CREATE UNLOGGED TABLE fast (id int PRIMARY KEY)",
                "CREATE VIEW seen AS SELECT 1",
                "CREATE MATERIALIZED VIEW kept AS SELECT 1",
                "CREATE EXTENSION file_fdw",
                "CREATE SERVER files FOREIGN DATA WRAPPER file_fdw",
                "CREATE FOREIGN TABLE far (id int) SERVER files OPTIONS (filename '/dev/null')");
        List<Finding> findings = check("postgres", "public.*");
        assertFound(
                findings, Severity.WARNING, "public.fast", "unlogged", "ALTER TABLE \"public\".\"fast\" SET LOGGED");
        assertFound(findings, Severity.WARNING, "public.far", "foreign table", "");
        assertFound(findings, Severity.WARNING, "public.seen", "a view", "");
        assertFound(findings, Severity.WARNING, "public.kept", "materialized view", "");
        assertFound(findings, Severity.ERROR, "tables", "'public.*' matches no table", "cannot be replicated");
        try (Connection holder = SharedPostgres.superuser(DATABASE)) {
            SharedPostgres.execute(holder, "CREATE TEMPORARY TABLE passing (id int)");
            assertFound(check("postgres", "pg_temp*.passing"), Severity.WARNING, "passing", "temporary", "");
        }
    }

    @Test
    void aPatternThatMatchesNothingNamesTheNearestTableAndTablesWithoutAPatternAreCounted() throws SQLException {
        superuser("CREATE TABLE customers (id int PRIMARY KEY)", "CREATE TABLE zebras (id int PRIMARY KEY)");
        List<Finding> findings = check("postgres", "public.custmers");
        assertFound(findings, Severity.ERROR, "tables", "'public.custmers' matches no table", "is public.customers");
        assertFound(findings, Severity.INFO, "tables", "2 tables match no entry", "");
    }

    @Test
    void aReplicaIdentityThatDoesNotCarryTheKeyIsFoundAlsoOnAPartition() throws SQLException {
        superuser(
                "CREATE TABLE n (id int PRIMARY KEY)",
                "ALTER TABLE n REPLICA IDENTITY NOTHING",
                "CREATE TABLE i (id int PRIMARY KEY, v int NOT NULL UNIQUE)",
                "ALTER TABLE i REPLICA IDENTITY USING INDEX i_v_key",
                "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY HASH (id)",
                "CREATE TABLE p0 PARTITION OF p FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
                "ALTER TABLE p0 REPLICA IDENTITY NOTHING");
        List<Finding> findings = check("postgres", "public.*");
        assertFound(findings, Severity.ERROR, "public.n", "NOTHING", "REPLICA IDENTITY DEFAULT");
        assertFound(findings, Severity.ERROR, "public.i", "without all columns", "REPLICA IDENTITY DEFAULT");
        assertFound(findings, Severity.ERROR, "public.p0", "NOTHING", "\"p0\" REPLICA IDENTITY DEFAULT");
    }

    @Test
    void inheritanceAndRowSecurityAreFound() throws SQLException {
        asRole(
                OWNER,
                "CREATE TABLE above (id int PRIMARY KEY)",
                "CREATE TABLE below (PRIMARY KEY (id)) INHERITS (above)",
                "ALTER TABLE above ENABLE ROW LEVEL SECURITY",
                "GRANT SELECT ON above, below TO " + ROLE);
        List<Finding> findings = check(ROLE, "public.*");
        assertFound(findings, Severity.WARNING, "public.above", "inheritance tree", "by hand");
        assertFound(findings, Severity.WARNING, "public.below", "inheritance tree", "by hand");
        assertFound(findings, Severity.ERROR, "public.above", "hide rows", "ALTER ROLE \"checker\" BYPASSRLS");
        superuser("ALTER ROLE " + ROLE + " BYPASSRLS");
        assertThat(check(ROLE, "public.*")).noneMatch(finding -> finding.what().contains("hide rows"));
    }

    @Test
    void aHeartbeatThatCannotBeWrittenIsFound() throws SQLException {
        superuser("CREATE TABLE a (id int PRIMARY KEY)", "CREATE SCHEMA anabranch");
        superuser("GRANT USAGE ON SCHEMA anabranch TO " + ROLE);
        assertFound(
                check(ROLE, "public.a"), Severity.ERROR, "schema anabranch", "cannot make", "GRANT CREATE ON SCHEMA");
        superuser(PREPARATION.getLast(), "GRANT SELECT, INSERT ON anabranch.heartbeat TO " + ROLE);
        assertFound(check(ROLE, "public.a"), Severity.ERROR, "anabranch.heartbeat", "read and write", "UPDATE, DELETE");
    }

    @Test
    void aSlotOfSomethingElseIsFoundAndOurOwnIsNot() throws SQLException {
        superuser("CREATE TABLE a (id int PRIMARY KEY)");
        superuser("SELECT pg_create_logical_replication_slot('anabranch_shop', 'pgoutput')");
        assertThat(check("postgres", "public.a")).isEmpty();
        superuser("SELECT pg_drop_replication_slot('anabranch_shop')");
        SharedPostgres.createDatabase("checked_beside");
        try (Connection beside = SharedPostgres.superuser("checked_beside")) {
            SharedPostgres.execute(beside, "SELECT pg_create_logical_replication_slot('anabranch_shop', 'pgoutput')");
            assertFound(
                    check("postgres", "public.a"),
                    Severity.ERROR,
                    "slot anabranch_shop",
                    "database 'checked_beside'",
                    "pg_drop_replication_slot('anabranch_shop')");
            SharedPostgres.execute(beside, "SELECT pg_drop_replication_slot('anabranch_shop')");
        }
    }

    @Test
    void rowsThatASubscriptionBringsAreWarnedOf() throws SQLException {
        superuser(
                "CREATE TABLE a (id int PRIMARY KEY)",
                "CREATE SUBSCRIPTION from_afar CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p"
                        + " WITH (connect = false, slot_name = NONE)");
        assertFound(
                check("postgres", "public.a"), Severity.WARNING, "subscription from_afar", "origin", "where they are");
        superuser("DROP SUBSCRIPTION from_afar");
    }

    @Test
    void aWrongPasswordIsSaidAndNotShown() {
        DatabaseSettings right = SharedPostgres.settings(DATABASE, ROLE);
        DatabaseSettings wrong = new DatabaseSettings(right.url(), ROLE, "canary-wrong");
        List<Finding> findings = new SourceCheck(settings(wrong, "public.a")).findings();
        assertThat(findings).hasSize(1);
        assertFound(findings, Severity.UNREACHABLE, DATABASE, "password of role checker is wrong", "ALTER ROLE");
    }

    @Test
    void aDatabaseThatIsAwayOrMissingOrClosedIsSaid() throws SQLException {
        DatabaseSettings nobody = new DatabaseSettings("jdbc:postgresql://127.0.0.1:1/x", ROLE, "canary");
        assertFound(
                new SourceCheck(settings(nobody, "a")).findings(),
                Severity.UNREACHABLE,
                "127.0.0.1:1/x",
                "cannot be reached",
                "start the server");
        assertFound(
                new SourceCheck(settings(SharedPostgres.settings("not_there", ROLE), "a")).findings(),
                Severity.UNREACHABLE,
                "not_there",
                "there is no database not_there",
                "CREATE DATABASE \"not_there\"");
        superuser("REVOKE CONNECT ON DATABASE " + DATABASE + " FROM PUBLIC");
        assertFound(check(ROLE, "a"), Severity.UNREACHABLE, DATABASE, "lacks a right", "GRANT CONNECT ON DATABASE");
        superuser("GRANT CONNECT ON DATABASE " + DATABASE + " TO PUBLIC", "ALTER ROLE " + ROLE + " CONNECTION LIMIT 0");
        assertFound(check(ROLE, "a"), Severity.UNREACHABLE, DATABASE, "no connection left", "CONNECTION LIMIT");
    }

    @Test
    void settingsOfTheServerThatDoNotFitAreFoundAtOnce(@TempDir Path directory) throws SQLException, IOException {
        PostgresServer server = new PostgresServer(new PostgresServer.Settings(
                "unfit",
                directory,
                FreePorts.next(),
                Map.of(
                        "wal_level", "replica",
                        "max_replication_slots", "1",
                        "max_wal_senders", "1",
                        "max_slot_wal_keep_size", "100MB",
                        "idle_replication_slot_timeout", "10min")));
        server.start();
        try {
            server.execute(
                    "CREATE DATABASE bytes ENCODING SQL_ASCII TEMPLATE template0 LOCALE 'C' LOCALE_PROVIDER libc");
            server.execute("SELECT pg_create_physical_replication_slot('other')");
            DatabaseSettings database = new DatabaseSettings(
                    server.jdbcUrl("bytes"), PostgresServer.SUPERUSER, PostgresServer.SUPERUSER_PASSWORD);
            try (Connection walsender = walsender(database)) {
                assertThat(walsender.isClosed()).isFalse();
                List<Finding> findings = new SourceCheck(settings(database, "public.*")).findings();
                assertFound(findings, Severity.ERROR, "server", "wal_level is replica", "wal_level = logical");
                assertFound(
                        findings,
                        Severity.ERROR,
                        "server",
                        "max_replication_slots is 1 and 1",
                        "max_replication_slots = 6");
                assertFound(findings, Severity.ERROR, "server", "max_wal_senders is 1 and 1", "max_wal_senders = 6");
                assertFound(findings, Severity.ERROR, "database bytes", "SQL_ASCII", "UTF8");
                assertFound(findings, Severity.WARNING, "server", "max_slot_wal_keep_size is 100 MB", "ALTER SYSTEM");
                assertFound(findings, Severity.WARNING, "server", "idle_replication_slot_timeout is 600 s", "= 0");
                assertFound(findings, Severity.ERROR, "tables", "matches no table", "has no tables");
            }
        } finally {
            server.stop();
        }
    }

    private static Connection walsender(DatabaseSettings database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", database.user());
        properties.setProperty("password", database.password());
        properties.setProperty("replication", "true");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("assumeMinServerVersion", "16");
        return DriverManager.getConnection(database.url(), properties);
    }
}
