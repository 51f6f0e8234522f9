package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import org.anabranch.replicator.TableRules;
import org.anabranch.replicator.TableRules.Existing;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.anabranch.schemas.TableSchema.CreateStatement;
import org.junit.jupiter.api.Test;

class PreparationIT extends SpokeTest {

    @Test
    void aTargetThatHasRowsIsRefusedBeforeAnythingIsAppliedAndTakenOnceItIsEmpty() throws Exception {
        spoke.execute("CREATE TABLE t (id integer PRIMARY KEY)");
        spoke.execute("INSERT INTO t VALUES (77)");
        TableSchema other = spoke.table("other", "id", "id integer");
        TableSchema t = spoke.table("t", "id", "id integer");
        hub.begin().insert(other, "1").insert(t, "1").commit();
        spoke.start();

        assertThat(spoke.failure())
                .hasMessage("target table public.t in " + spoke.region
                        + " has rows; say existing: keep or replace, or empty it");
        assertThat(spoke.rows("SELECT * FROM t")).containsExactly("77");
        assertThat(spoke.tables()).doesNotContain("other");

        spoke.execute("DELETE FROM t");
        spoke.start();
        spoke.awaitApplied(hub.lastHybridMicros());
        assertThat(spoke.rows("SELECT * FROM t")).containsExactly("1");
    }

    @Test
    void rowsThatAreToBeKeptStayAndAreWrittenOver() throws Exception {
        spoke.execute("CREATE TABLE t (id integer PRIMARY KEY, v text)");
        spoke.execute("INSERT INTO t VALUES (1, 'old'), (77, 'kept')");
        TableSchema t = spoke.table("t", "id", "id integer", "v text");
        hub.begin().insert(t, "1", "new").commit();
        spoke.rule = new TableRules.Rule(true, false, Existing.KEEP);
        spoke.start();
        spoke.awaitApplied(hub.lastHybridMicros());

        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("1|new", "77|kept");
    }

    @Test
    void rowsThatAreToBeReplacedGoOnceAndNotAgainAfterARestart() throws Exception {
        spoke.execute("CREATE TABLE t (id integer PRIMARY KEY)");
        spoke.execute("CREATE TABLE child (t integer REFERENCES t)");
        spoke.execute("INSERT INTO t VALUES (77)");
        TableSchema t = spoke.table("t", "id", "id integer");
        hub.begin().insert(t, "1").commit();
        spoke.rule = new TableRules.Rule(true, false, Existing.REPLACE);
        spoke.start();
        spoke.awaitApplied(hub.lastHybridMicros());
        spoke.stop();
        spoke.start();
        spoke.awaitApplied(hub.begin().insert(t, "2").commit());

        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("1", "2");
    }

    @Test
    void aTargetThatDoesNotFitIsRefusedByColumnTypeAndKey() throws Exception {
        spoke.execute(
                "CREATE TABLE t (id bigint, v text, w integer GENERATED ALWAYS AS (1) STORED, PRIMARY KEY (id, v))");
        spoke.table("t", "id", "id integer", "v text", "w integer", "gone date");
        spoke.start();

        assertThat(spoke.failure())
                .hasMessageContaining("target table public.t in " + spoke.region + " does not fit")
                .hasMessageContaining("column \"id\" is bigint there and integer in the origin")
                .hasMessageContaining("column \"w\" is generated there")
                .hasMessageContaining("column \"gone\" date is missing")
                .hasMessageContaining("primary key is [id, v] there and [id] in the origin");
    }

    @Test
    void aMissingTableIsNotCreatedUnlessAskedFor() throws Exception {
        spoke.table("t", "id", "id integer");
        spoke.rule = new TableRules.Rule(false, false, Existing.REFUSE);
        spoke.start();

        assertThat(spoke.failure())
                .hasMessageContaining("target table public.t in " + spoke.region + " does not exist")
                .hasMessageContaining("createTables: true");
    }

    @Test
    void foreignKeysAreCreatedOnlyIfAskedForWhateverTheOrderOfTheTables() throws Exception {
        TableSchema child = Spoke.schema("a_child", List.of("id"), "", "id integer", "parent integer");
        CreateStatement key = new CreateStatement(
                "foreign key",
                "a_child_parent_fkey",
                "SELECT 1 FROM pg_constraint WHERE conname = 'a_child_parent_fkey'",
                "ALTER TABLE public.a_child ADD CONSTRAINT a_child_parent_fkey"
                        + " FOREIGN KEY (parent) REFERENCES public.parent");
        hub.publish(new TableSchema(
                child.name(),
                child.columns(),
                child.key(),
                "DEFAULT",
                List.of(child.createStatements().getFirst(), key)));
        spoke.table("parent", "id", "id integer");
        String keys = "SELECT conname FROM pg_constraint WHERE contype = 'f'";

        spoke.start();
        spoke.awaitApplied(hub.begin().commit());
        assertThat(spoke.rows(keys)).isEmpty();
        spoke.stop();
        spoke.rule = new TableRules.Rule(true, true, Existing.REFUSE);
        spoke.start();
        spoke.awaitApplied(hub.begin().commit());
        assertThat(spoke.rows(keys)).containsExactly("a_child_parent_fkey");

        spoke.awaitApplied(hub.begin().insert(child, "1", "4711").commit());
        assertThat(spoke.rows("SELECT * FROM a_child"))
                .as("it is not enforced here")
                .containsExactly("1|4711");
    }

    @Test
    void aTableThatComesLaterIsCreatedBeforeItsFirstRow() throws Exception {
        spoke.start();
        spoke.awaitApplied(hub.begin().commit());
        spoke.table("later", "id", "id integer");

        await().atMost(Tables.PATIENCE).until(() -> spoke.tables().contains("later"));
    }

    @Test
    void aChangeWaitsForItsSchema() throws Exception {
        TableSchema t = Spoke.schema("t", List.of("id"), "", "id integer");
        hub.begin().insert(t, "1").commit();
        spoke.start();
        spoke.awaitReport("WAITING the table schema " + Long.toHexString(t.fingerprint()) + " is not in");
        hub.publish(t);

        spoke.awaitApplied(hub.lastHybridMicros());
        assertThat(spoke.rows("SELECT * FROM t")).containsExactly("1");
    }

    @Test
    void namesThatNeedQuotesAreQuoted() throws Exception {
        String name = "Order \"lines\" / ключ";
        TableSchema t = new TableSchema(
                new TableName("Schöne Tabellen", name),
                List.of(new TableSchema.Column("select", "integer"), new TableSchema.Column("a\"b.c", "text")),
                List.of("select"),
                "DEFAULT",
                List.of(
                        new CreateStatement(
                                "schema",
                                "Schöne Tabellen",
                                "SELECT 1 FROM pg_namespace WHERE nspname = 'Schöne Tabellen'",
                                "CREATE SCHEMA \"Schöne Tabellen\""),
                        new CreateStatement(
                                "table",
                                name,
                                "SELECT 1 FROM pg_class WHERE relname = 'Order \"lines\" / ключ'",
                                "CREATE TABLE \"Schöne Tabellen\".\"Order \"\"lines\"\" / ключ\" "
                                        + "(\"select\" integer PRIMARY KEY, \"a\"\"b.c\" text)")));
        hub.publish(t);
        hub.begin()
                .insert(t, "1", "x")
                .insert(t, "2", "y")
                .update(t, "1", "z")
                .delete(t, "2", null)
                .commit();
        spoke.start();
        spoke.awaitApplied(hub.lastHybridMicros());

        assertThat(spoke.rows("SELECT * FROM " + t.name().quoted())).containsExactly("1|z");
    }
}
