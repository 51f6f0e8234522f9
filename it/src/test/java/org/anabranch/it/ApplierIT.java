package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableSchema;
import org.junit.jupiter.api.Test;

/** What reaches the tables. */
class ApplierIT extends SpokeTest {

    private static final String HOLE = Row.UNCHANGED;

    @Test
    void insertsUpdatesAndDeletesArriveAndTheTableIsCreated() throws Exception {
        TableSchema t = spoke.table("t", "id", "id integer", "name text");
        hub.begin().insert(t, "1", "a").insert(t, "2", "b").insert(t, "3", null).commit();
        spoke.start();

        long last = hub.begin()
                .update(t, "1", "ä \"quoted\" \\ {,}")
                .delete(t, "2", HOLE)
                .commit();
        spoke.awaitApplied(last);

        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("1|ä \"quoted\" \\ {,}", "3|null");
    }

    @Test
    void whatDidNotTravelStaysAsItIs() throws Exception {
        TableSchema t = spoke.table("t", "id", "id integer", "big text", "n integer");
        hub.begin().insert(t, "1", "big1", "1").insert(t, "2", "big2", "2").commit();
        spoke.awaitApplied(startAnd(hub.begin().update(t, "1", HOLE, "10").commit()));

        long last = hub.begin()
                .insert(t, "3", "big3", "3")
                .update(t, "3", HOLE, "30")
                .update(t, "2", HOLE, "20")
                .update(t, "2", "new", HOLE)
                .commit();
        spoke.awaitApplied(last);

        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("1|big1|10", "2|new|20", "3|big3|30");
    }

    @Test
    void aRowThatMovesToAnotherKeyTakesItsUnchangedValuesAlong() throws Exception {
        TableSchema t = spoke.table("t", "id", "id integer", "big text", "n integer");
        hub.begin().insert(t, "1", "big1", "1").insert(t, "2", "big2", "2").commit();

        long last = hub.begin()
                .move(t, Row.of("1", HOLE, HOLE), Row.of("11", HOLE, "1"))
                .move(t, Row.of("2", HOLE, HOLE), Row.of("12", "whole", "2"))
                .update(t, "11", HOLE, "100")
                .commit();
        spoke.awaitApplied(startAnd(last));

        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("11|big1|100", "12|whole|2");
    }

    @Test
    void keysAreSwappedByWayOfAThird() throws Exception {
        TableSchema t = spoke.table("t", "id", "id integer", "v text");
        hub.begin().insert(t, "1", "one").insert(t, "2", "two").commit();
        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));

        long last = hub.begin()
                .move(t, Row.of("1", HOLE), Row.of("99", "one"))
                .move(t, Row.of("2", HOLE), Row.of("1", "two"))
                .move(t, Row.of("99", HOLE), Row.of("2", "one"))
                .commit();
        spoke.awaitApplied(last);

        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("1|two", "2|one");
    }

    @Test
    void keysAreSwappedInOneStatementUnderADeferredKey() throws Exception {
        TableSchema t = Spoke.schema("t", List.of("id"), "", "id integer", "v text");
        spoke.execute("CREATE TABLE t (id integer PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, v text)");
        hub.publish(t);
        hub.begin().insert(t, "1", "one").insert(t, "2", "two").commit();
        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));

        long last = hub.begin()
                .move(t, Row.of("1", "one"), Row.of("2", "one"))
                .move(t, Row.of("2", "two"), Row.of("1", "two"))
                .commit();
        spoke.awaitApplied(last);

        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("1|two", "2|one");
    }

    @Test
    void uniqueValuesAreSwappedAndRotatedAndReused() throws Exception {
        TableSchema t = Spoke.schema("t", List.of("id"), ", UNIQUE (u)", "id integer", "u text");
        hub.publish(t);
        hub.begin()
                .insert(t, "1", "a")
                .insert(t, "2", "b")
                .insert(t, "3", "c")
                .insert(t, "4", "d")
                .commit();
        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));

        hub.begin()
                .update(t, "1", "tmp")
                .update(t, "2", "a")
                .update(t, "1", "b")
                .commit();
        hub.begin()
                .update(t, "1", "x")
                .update(t, "2", "b")
                .update(t, "3", "a")
                .update(t, "1", "c")
                .commit();
        long last = hub.begin().delete(t, "4", HOLE).insert(t, "5", "d").commit();
        spoke.awaitApplied(last);

        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("1|c", "2|b", "3|a", "5|d");
        assertThat(spoke.rows("SELECT * FROM anabranch.quarantine")).isEmpty();
    }

    @Test
    void aMoveTakesItsUniqueValueAlongAlsoWhereTheBatchHasToBeReplayed() throws Exception {
        TableSchema t = Spoke.schema("t", List.of("id"), ", UNIQUE (u), CHECK (u <> 'bad')", "id integer", "u text");
        hub.publish(t);
        hub.begin().insert(t, "1", "a").insert(t, "2", "b").commit();
        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));

        long last = hub.begin()
                .insert(t, "7", "bad")
                .move(t, Row.of("1", HOLE), Row.of("11", "a"))
                .update(t, "2", "tmp")
                .update(t, "11", "b")
                .update(t, "2", "a")
                .commit();
        spoke.awaitApplied(last);

        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("2|a", "11|b");
        assertThat(spoke.rows("SELECT key_text, operation FROM anabranch.quarantine"))
                .containsExactly("7|INSERT");
    }

    @Test
    void truncateStandsBetweenWhatIsBeforeAndAfterIt() throws Exception {
        TableSchema t = spoke.table("t", "id", "id integer");
        TableSchema other = spoke.table("other", "id", "id integer");
        hub.begin().insert(t, "1").insert(other, "1").commit();

        long last = hub.begin()
                .insert(t, "2")
                .truncate(t)
                .insert(t, "3")
                .insert(other, "2")
                .commit();
        spoke.awaitApplied(startAnd(last));

        assertThat(spoke.rows("SELECT * FROM t")).containsExactly("3");
        assertThat(spoke.rows("SELECT * FROM other ORDER BY id")).containsExactly("1", "2");
    }

    @Test
    void truncateOfTablesThatForeignKeysJoinGoesThroughTogetherOrByDelete() throws Exception {
        spoke.execute("CREATE TABLE parent (id integer PRIMARY KEY)");
        spoke.execute("CREATE TABLE child (id integer PRIMARY KEY, parent integer REFERENCES parent)");
        TableSchema parent = Spoke.schema("parent", List.of("id"), "", "id integer");
        TableSchema child = Spoke.schema("child", List.of("id"), "", "id integer", "parent integer");
        hub.publish(parent);
        hub.publish(child);
        hub.begin().insert(child, "1", "1").insert(parent, "1").commit();
        hub.begin().truncate(parent).truncate(child).insert(parent, "2").commit();

        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));
        assertThat(spoke.rows("SELECT * FROM parent")).containsExactly("2");
        assertThat(spoke.rows("SELECT * FROM child")).isEmpty();

        spoke.awaitApplied(hub.begin().truncate(parent).insert(parent, "3").commit());
        assertThat(spoke.rows("SELECT * FROM parent")).containsExactly("3");
    }

    @Test
    void rowsThatAreNewInTheOriginAndWereHereAfterAllAreReplaced() throws Exception {
        TableSchema t = spoke.table("t", "id", "id integer", "v text");
        hub.begin().insert(t, "0", "tab\t, \\ and line\n0").commit();
        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));
        spoke.execute("INSERT INTO t SELECT i, 'here already' FROM generate_series(50, 60) i");
        HubStream.Transaction next = hub.begin();
        for (int i = 1; i < 200; i++) {
            next.insert(t, Integer.toString(i), "tab\t, \\ and line\n" + i);
        }
        spoke.awaitApplied(next.commit());

        assertThat(spoke.rows("SELECT count(*), count(*) FILTER (WHERE v = E'tab\\t, \\\\ and line\\n' || id) FROM t"))
                .containsExactly("200|200");
        assertThat(spoke.rows("SELECT error FROM anabranch.quarantine")).isEmpty();
    }

    @Test
    void aTransactionIsNeverSeenInPart() throws Exception {
        TableSchema t = spoke.table("t", "id", "id integer", "n integer");
        HubStream.Transaction large = hub.begin();
        for (int i = 0; i < 1_000; i++) {
            large.insert(t, Integer.toString(i), "0");
        }
        large.commit();
        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));

        for (int round = 1; round <= 30; round++) {
            HubStream.Transaction next = hub.begin();
            for (int i = 0; i < 1_000; i++) {
                next.update(t, Integer.toString(i), Integer.toString(round));
            }
            next.commitSoon();
            assertThat(spoke.rows("SELECT count(DISTINCT n) FROM t")).containsExactly("1");
        }
        long last = hub.begin().commit();
        spoke.awaitApplied(last);
        assertThat(spoke.rows("SELECT DISTINCT n FROM t")).containsExactly("30");
    }

    @Test
    void aPrimaryKeyOfManyColumnsAndIdentityColumnsBesideIt() throws Exception {
        spoke.execute("CREATE TABLE t (a text, b integer, serial bigint GENERATED ALWAYS AS IDENTITY UNIQUE, v text,"
                + " twice integer GENERATED ALWAYS AS (b * 2) STORED, PRIMARY KEY (b, a))");
        TableSchema t = Spoke.schema("t", List.of("b", "a"), "", "a text", "b integer", "serial bigint", "v text");
        hub.publish(t);
        hub.begin()
                .insert(t, "x", "1", "77", "v1")
                .insert(t, "y", "1", "78", "v2")
                .commit();
        hub.begin()
                .update(t, "x", "1", "77", HOLE)
                .update(t, "y", "1", "78", "w2")
                .move(t, Row.of("x", "1", HOLE, HOLE), Row.of("z", "2", "77", HOLE))
                .commit();
        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));

        assertThat(spoke.rows("SELECT a, b, serial, v, twice FROM t ORDER BY serial"))
                .containsExactly("z|2|77|v1|4", "y|1|78|w2|2");
    }

    @Test
    void aCopiedRowGoesOverWhatStandsThere() throws Exception {
        TableSchema t = spoke.table("t", "id", "id integer", "v text");
        hub.begin().insert(t, "1", "a").commit();
        hub.begin().change(t, Operation.COPY, null, Row.of("1", "b")).commit();
        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));

        assertThat(spoke.rows("SELECT * FROM t")).containsExactly("1|b");
    }
}
