package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.anabranch.capture.PublicationPlan;
import org.anabranch.capture.SourceCatalog;
import org.anabranch.capture.SourceCheck;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.Finding.Severity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Missing rights and publications that do not fit are found, with the statements that are enough. */
class SourceRightsCheckIT extends CheckedSource {

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

    @Test
    void aHeartbeatThatCannotBeWrittenIsFound() throws SQLException {
        superuser("CREATE TABLE a (id int PRIMARY KEY)", "CREATE SCHEMA anabranch");
        superuser("GRANT USAGE ON SCHEMA anabranch TO " + ROLE);
        assertFound(
                check(ROLE, "public.a"), Severity.ERROR, "schema anabranch", "cannot make", "GRANT CREATE ON SCHEMA");
        superuser(PREPARATION.getLast(), "GRANT SELECT, INSERT ON anabranch.heartbeat TO " + ROLE);
        assertFound(check(ROLE, "public.a"), Severity.ERROR, "anabranch.heartbeat", "read and write", "UPDATE, DELETE");
    }
}
