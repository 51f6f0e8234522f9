package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import java.util.List;
import org.anabranch.replicator.Applier;
import org.anabranch.schemas.RegionStatus.OrphanStatus;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableSchema;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows without parents where each table has one writer, and these differ: the hub writes one of the two, and the region the other. */
class OrphansOfOneWriterIT extends SpokeTest {

    private static final String CHILDREN =
            "CREATE TABLE child (id integer PRIMARY KEY, parent integer REFERENCES parent)";

    @BeforeEach
    void tellWhoWrites() {
        String here = spoke.region;
        String hubName = spoke.origin;
        spoke.writers = table -> switch (table.table()) {
            case "parent", "dependent" -> List.of(hubName);
            case "child", "owner" -> List.of(here);
            default -> List.of();
        };
    }

    @Test
    void theHubTakesParentsAwayByDeletingMovingAndTruncating() throws Exception {
        spoke.execute(
                "CREATE TABLE parent (id integer PRIMARY KEY, v text) PARTITION BY RANGE (id)",
                "CREATE TABLE parent_low PARTITION OF parent FOR VALUES FROM (0) TO (4)",
                "CREATE TABLE parent_high PARTITION OF parent FOR VALUES FROM (4) TO (100)",
                CHILDREN);
        TableSchema parent = spoke.table("parent", "id", "id integer", "v text");
        hub.begin()
                .insert(parent, "1", "a")
                .insert(parent, "2", "b")
                .insert(parent, "3", "c")
                .insert(parent, "4", "d")
                .commit();
        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));
        spoke.execute("INSERT INTO child VALUES (11, 1), (12, 2), (13, 3), (14, 4), (15, NULL)");

        hub.begin()
                .delete(parent, "1", null)
                .move(parent, Row.of("2", null), Row.of("22", "b"))
                .commit();
        awaitOrphans("child 11 1", "child 12 2");
        hub.begin().truncate(parent).commit();
        awaitOrphans("child 11 1", "child 12 2", "child 13 3", "child 14 4");

        hub.begin().insert(parent, "2", "b").insert(parent, "4", "d").commit();
        awaitOrphans("child 11 1", "child 13 3");
    }

    @Test
    void theRegionMendsWhatItMayNotLetTheApplierLock() throws Exception {
        TableSchema dependent = ownersAndDependents("integer");
        spoke.awaitApplied(startAnd(hub.begin()
                .insert(dependent, "1", "7")
                .insert(dependent, "2", "8")
                .insert(dependent, "3", null)
                .commit()));
        assertThat(orphans()).containsExactly("dependent 1 7", "dependent 2 8");

        spoke.stop();
        Applier applier = spoke.start();
        await().atMost(Tables.PATIENCE).untilAsserted(() -> assertThat(applier.orphans())
                .containsExactly(new OrphanStatus("public.dependent", "dependent_owner_fkey", "public.owner", 2)));

        Servers.postgres().execute(spoke.database, "INSERT INTO owner VALUES (7)");
        awaitOrphans("dependent 2 8");
        Servers.postgres().execute(spoke.database, "ALTER TABLE dependent DROP CONSTRAINT dependent_owner_fkey");
        awaitOrphans();
    }

    @Test
    void aForeignKeyThatComesLaterIsLookedAtAsAWhole() throws Exception {
        TableSchema parent = spoke.table("parent", "id", "id integer", "v text");
        spoke.awaitApplied(startAnd(hub.begin().insert(parent, "1", "a").commit()));

        spoke.execute(
                "CREATE TABLE child (id integer PRIMARY KEY, parent integer)",
                "INSERT INTO child VALUES (11, 1), (12, 2)",
                "ALTER TABLE child ADD FOREIGN KEY (parent) REFERENCES parent NOT VALID");
        awaitOrphans("child 12 2");
        spoke.execute("DELETE FROM child WHERE id = 12");
        awaitOrphans();
    }

    @Test
    void aKeyThatTheRegionCannotReadKeepsNobodyElseFromBeingFound() throws Exception {
        Servers.postgres().execute(spoke.database, "CREATE DOMAIN public.small AS integer CHECK (VALUE < 100)");
        TableSchema dependent = ownersAndDependents("public.small");
        spoke.awaitApplied(startAnd(hub.begin()
                .insert(dependent, "1", "7")
                .insert(dependent, "1000", "7")
                .insert(dependent, "2", "8")
                .commit()));
        assertThat(orphans()).containsExactly("dependent 1 7", "dependent 2 8");
        assertThat(spoke.rows("SELECT key_text FROM anabranch.quarantine")).containsExactly("1000");
    }

    /** Tables of another role, of which the applier may write only one. */
    private TableSchema ownersAndDependents(String keyType) throws Exception {
        Servers.postgres()
                .execute(
                        spoke.database,
                        "CREATE TABLE owner (id integer PRIMARY KEY); GRANT SELECT ON owner TO " + Servers.ROLE
                                + "; CREATE TABLE dependent (id " + keyType
                                + " PRIMARY KEY, owner integer REFERENCES owner); GRANT ALL ON dependent TO "
                                + Servers.ROLE);
        return spoke.table("dependent", "id", "id " + keyType, "owner integer");
    }

    private void awaitOrphans(String... expected) {
        await().atMost(Tables.PATIENCE)
                .untilAsserted(
                        () -> assertThat(orphans()).as("%s", spoke.reports).containsExactly(expected));
    }

    private List<String> orphans() throws SQLException {
        return spoke.rows("SELECT table_name || ' ' || (o.key ->> 'id') || ' ' || v.value"
                + " FROM anabranch.orphans AS o, jsonb_each_text(missing) AS v ORDER BY o.key");
    }
}
