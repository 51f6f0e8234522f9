package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.anabranch.replicator.Applier;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.TableSchema;
import org.junit.jupiter.api.Test;

/** Appliers that are stopped, killed, kept waiting, or one too many. */
class ApplierRestartIT extends SpokeTest {

    private static final int TRANSACTIONS = 200;
    private static final int ROWS_OF_A_TRANSACTION = 500;

    @Test
    void anApplierThatIsStoppedInTheMidstOfItsWorkLeavesNothingOut() throws Exception {
        TableSchema t = spoke.table("t", "id", "id integer", "n integer");
        spoke.awaitApplied(startAnd(hub.begin().insert(t, "0", "0").commit()));
        spoke.stop();
        for (int i = 0; i < TRANSACTIONS; i++) {
            HubStream.Transaction transaction = hub.begin();
            for (int row = 1; row <= ROWS_OF_A_TRANSACTION; row++) {
                transaction.insert(t, Integer.toString(i * ROWS_OF_A_TRANSACTION + row), "1");
            }
            if (i == TRANSACTIONS / 2) {
                transaction.update(t, "0", "1");
            }
            transaction.commitSoon();
        }
        long last = hub.begin().commit();

        try (Connection user = spoke.connect();
                Statement statement = user.createStatement()) {
            user.setAutoCommit(false);
            statement.execute("SELECT * FROM t FOR UPDATE");
            Applier applier = spoke.start();
            spoke.awaitReport("another session holds a lock"); // with what it has read before and behind that row
            applier.stop();
            user.commit();
        }
        spoke.stop();
        spoke.awaitApplied(startAnd(last));

        assertThat(spoke.rows("SELECT count(*), min(n) FROM t"))
                .containsExactly(TRANSACTIONS * ROWS_OF_A_TRANSACTION + 1 + "|1");
    }

    @Test
    void whatAClusterHasLostStopsTheApplierEachTimeItIsStartedAndTheMissingRangeIsNamed() throws Exception {
        TableSchema t = spoke.table("t", "id", "id integer");
        hub.begin().insert(t, "1").commit();
        hub.lose();
        hub.begin().insert(t, "2").commit();
        hub.loseNoMore();
        hub.begin().insert(t, "3").commit();

        for (int start = 0; start < 2; start++) {
            spoke.start();
            assertThat(spoke.failure())
                    .isInstanceOf(PartFailedException.class)
                    .hasMessageContaining("changes of hub are missing in partition")
                    .hasMessageContaining("after 1970-01-01T00:00:01.000010Z up to 1970-01-01T00:00:01.000020Z");
        }
        assertThat(spoke.rows("SELECT * FROM t")).isSubsetOf("1");
    }

    @Test
    void repeatsOfCaptureChangeNothing() throws Exception {
        spoke.execute("CREATE TABLE log (id integer, n integer)");
        TableSchema t = countingTable();
        hub.begin().insert(t, "1", "1").commit();
        hub.begin().update(t, "1", "2").insert(t, "2", "1").commit();
        spoke.start();
        hub.sendAgain(8);
        spoke.awaitApplied(hub.begin().update(t, "1", "3").commit());

        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("1|3", "2|1");
        assertThat(spoke.rows("SELECT id, n FROM log ORDER BY id, n"))
                .doesNotHaveDuplicates()
                .contains("1|3", "2|1");
    }

    @Test
    void anApplierThatIsKilledAndStartedAgainRepeatsNothing() throws Exception {
        spoke.execute("CREATE TABLE log (id integer, n integer)");
        TableSchema t = countingTable();
        spoke.start();
        int changes = 0;
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 40; i++) {
                HubStream.Transaction transaction = hub.begin();
                transaction.insert(t, Integer.toString(changes++), "1").insert(t, Integer.toString(changes++), "1");
                transaction.commit();
            }
            killTheApplier();
            spoke.start();
        }
        spoke.awaitApplied(hub.lastHybridMicros());

        assertThat(spoke.rows("SELECT count(*), count(DISTINCT id) FROM log")).containsExactly(changes + "|" + changes);
        assertThat(spoke.rows("SELECT count(*) FROM t")).containsExactly(Integer.toString(changes));
    }

    @Test
    void aSecondApplierIsRefusedAndSaysWhoHoldsTheDatabase() throws Exception {
        spoke.awaitApplied(startAnd(hub.begin().commit()));
        String pid = spoke.rows("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'anabranch applier %'"
                        + " AND datname = current_database()")
                .getFirst();

        Spoke.Running second = new Spoke.Running(spoke.applier(), spoke.reports);

        assertThat(second.join())
                .hasMessageContaining("another applier of the pipeline")
                .hasMessageContaining("PID " + pid);
    }

    @Test
    void aLockOfAUserIsWaitedOutAndTheUserIsNeverTheVictim() throws Exception {
        TableSchema t = spoke.table("t", "id", "id integer", "n integer");
        hub.begin().insert(t, "1", "1").commit();
        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));

        try (Connection user = spoke.connect();
                Statement statement = user.createStatement()) {
            user.setAutoCommit(false);
            statement.execute("SELECT * FROM t FOR UPDATE");
            hub.begin().update(t, "1", "2").commit();
            spoke.awaitReport("another session holds a lock");
            user.commit();
        }
        spoke.awaitApplied(hub.lastHybridMicros());
        assertThat(spoke.rows("SELECT n FROM t")).containsExactly("2");
    }

    /** A table whose trigger, which fires for replicated rows too, writes down every row that is written. */
    private TableSchema countingTable() throws Exception {
        spoke.execute("CREATE TABLE t (id integer PRIMARY KEY, n integer)");
        spoke.execute("CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
                + " 'BEGIN INSERT INTO public.log VALUES (NEW.id, NEW.n); RETURN NULL; END'");
        spoke.execute("CREATE TRIGGER note AFTER INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION note()");
        spoke.execute("ALTER TABLE t ENABLE ALWAYS TRIGGER note");
        TableSchema t = Spoke.schema("t", List.of("id"), "", "id integer", "n integer");
        hub.publish(t);
        return t;
    }

    /** Its connection, that is, wherever it is in its work. */
    private void killTheApplier() throws Exception {
        String kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                + " AND application_name LIKE 'anabranch applier %'";
        await().atMost(Tables.PATIENCE).until(() -> !spoke.rows(kill).isEmpty());
        hub.begin().commit(); // something to notice it by
        assertThat(spoke.failure()).isNotNull();
    }
}
