package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.Finding.Severity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables that cannot be carried are found, with the reason and the statement that helps. */
class SourceTableCheckIT extends CheckedSource {

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
}
