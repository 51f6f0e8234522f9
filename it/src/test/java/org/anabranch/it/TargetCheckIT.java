package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.anabranch.replicator.ApplierSettings;
import org.anabranch.replicator.DatabaseSettings;
import org.anabranch.replicator.MergeRules;
import org.anabranch.replicator.TableRules;
import org.anabranch.replicator.TargetCheck;
import org.anabranch.sandbox.FreePorts;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableSchema;
import org.junit.jupiter.api.Test;

class TargetCheckIT {

    private static final TableSchema T = Spoke.schema("t", List.of("id"), "", "id integer", "v text");

    @Test
    void aDatabaseWithTheRightsOfTheReadmeHasNoFindings() throws Exception {
        assertThat(check(Servers.newDatabase(), Servers.ROLE, Servers.PASSWORD)).isEmpty();
    }

    @Test
    void everyMissingRightIsFoundAtOnceWithTheGrantThatHelps() throws Exception {
        String role = Servers.newName("bare_role");
        String database = Servers.newName("bare");
        Servers.postgres().execute("CREATE ROLE " + role + " LOGIN PASSWORD 'canary-bare'");
        Servers.postgres().execute("CREATE DATABASE " + database);
        Servers.postgres().execute(database, "CREATE TABLE t (id integer PRIMARY KEY, v text)");

        List<Finding> findings = check(database, role, "canary-bare");

        assertThat(findings)
                .allSatisfy(finding -> assertThat(finding.severity()).isEqualTo(Finding.Severity.ERROR));
        for (Finding finding : findings) {
            Servers.postgres()
                    .execute(database, finding.fix().substring(finding.fix().lastIndexOf(": ") + 2));
        }
        assertThat(findings).hasSize(5);
        assertThat(check(database, role, "canary-bare"))
                .as("once the fixes are run")
                .isEmpty();
    }

    @Test
    void aWrongPasswordIsSaidAndNoPasswordIsPrinted() throws Exception {
        List<Finding> findings = check(Servers.newDatabase(), Servers.ROLE, "canary-wrong");

        assertThat(findings).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Finding.Severity.UNREACHABLE);
            assertThat(finding.what()).contains("does not let " + Servers.ROLE + " in");
        });
        assertThat(findings.toString()).doesNotContain("canary");
    }

    @Test
    void aServerThatDoesNotAnswerAndADatabaseThatIsNotThereAreSaid() {
        assertThat(check("no_such_database", Servers.ROLE, Servers.PASSWORD))
                .singleElement()
                .satisfies(finding -> assertThat(finding.what()).contains("no_such_database"));
        String url = "jdbc:postgresql://127.0.0.1:" + FreePorts.next() + "/x";
        assertThat(new TargetCheck(settings(url, "x", "canary")).findings(List.of()))
                .singleElement()
                .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Finding.Severity.UNREACHABLE));
    }

    @Test
    void tablesThatDoNotFitOrHaveRowsAreFound() throws Exception {
        String database = Servers.newDatabase();
        Servers.postgres()
                .execute(
                        database,
                        "SET ROLE " + Servers.ROLE
                                + "; CREATE TABLE t (id bigint PRIMARY KEY); INSERT INTO t VALUES (1)");

        assertThat(check(database, Servers.ROLE, Servers.PASSWORD))
                .extracting(Finding::what)
                .containsExactly(
                        "column \"id\" is bigint there and integer in the origin",
                        "column \"v\" text is missing",
                        "the table has rows");
    }

    private static List<Finding> check(String database, String user, String password) {
        return new TargetCheck(settings(Servers.postgres().jdbcUrl(database), user, password)).findings(List.of(T));
    }

    private static ApplierSettings settings(String url, String user, String password) {
        return new ApplierSettings(
                "shop",
                "eu",
                List.of("hub"),
                new DatabaseSettings(url, user, password),
                Map.of("bootstrap.servers", "127.0.0.1:1"),
                1,
                TableRules.all(TableRules.Rule.DEFAULT),
                MergeRules.NONE);
    }
}
