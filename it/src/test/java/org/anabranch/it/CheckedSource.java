package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.anabranch.capture.DatabaseSettings;
import org.anabranch.capture.SourceCheck;
import org.anabranch.capture.TablePattern;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.Finding.Severity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A database with two roles, the one that replicates and the one that owns the tables, and what a check finds there. Tables whose
 * names begin with "shared" have several writers.
 */
abstract class CheckedSource {

    static final String DATABASE = "checked";
    static final String ROLE = "checker";
    static final String OWNER = "tables_owner";
    static final List<String> PREPARATION =
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

    static void superuser(String... statements) throws SQLException {
        try (Connection superuser = SharedPostgres.superuser(DATABASE)) {
            SharedPostgres.execute(superuser, statements);
        }
    }

    static void asRole(String role, String... statements) throws SQLException {
        try (Connection connection = SharedPostgres.open(DATABASE, role)) {
            SharedPostgres.execute(connection, "SET search_path = public");
            SharedPostgres.execute(connection, statements);
        }
    }

    static SourceCheck.Settings settings(DatabaseSettings database, String... tables) {
        List<TablePattern> patterns = Arrays.stream(tables)
                .map(text -> new TablePattern(text, name -> name.toString()
                        .matches(text.replace(".", "\\.").replace("*", ".*"))))
                .toList();
        return new SourceCheck.Settings(
                "hub", database, "anabranch_shop", "anabranch_shop", patterns, PREPARATION, table -> table.table()
                        .startsWith("shared"));
    }

    static List<Finding> check(String role, String... tables) {
        return new SourceCheck(settings(SharedPostgres.settings(DATABASE, role), tables)).findings();
    }

    static void assertFound(List<Finding> findings, Severity severity, String where, String what, String fix) {
        assertThat(findings)
                .anySatisfy(finding -> {
                    assertThat(finding.severity()).isEqualTo(severity);
                    assertThat(finding.where()).startsWith("hub: ").contains(where);
                    assertThat(finding.what()).contains(what);
                    assertThat(finding.fix()).contains(fix);
                })
                .allSatisfy(finding -> assertThat(finding.toString()).doesNotContain("canary"));
    }
}
