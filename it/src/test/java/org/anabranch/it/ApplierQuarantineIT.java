package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.anabranch.replicator.Applier;
import org.anabranch.schemas.RecordKey;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableSchema;
import org.junit.jupiter.api.Test;

/** What cannot be applied is kept aside and named; the rest goes on. */
class ApplierQuarantineIT extends SpokeTest {

    @Test
    void aBadRowGoesToQuarantineWithWhatFollowsItAndTheOthersGoOn() throws Exception {
        TableSchema t = Spoke.schema("t", List.of("id"), ", CHECK (n < 100)", "id integer", "n integer");
        hub.publish(t);
        hub.begin()
                .insert(t, "1", "1")
                .insert(t, "2", "200")
                .insert(t, "3", "nonsense")
                .insert(t, "4", "4")
                .commit();
        Applier applier = spoke.start();
        spoke.awaitApplied(hub.lastHybridMicros());
        spoke.awaitApplied(hub.begin().update(t, "2", "2").update(t, "4", "40").commit());

        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("1|1", "4|40");
        assertThat(spoke.rows("SELECT key_text, operation, left(error, 5) FROM anabranch.quarantine ORDER BY id"))
                .containsExactly("2|INSERT|23514", "3|INSERT|22P02", "2|UPDATE|an ea");
        assertThat(applier.quarantine()).singleElement().satisfies(table -> assertThat(table.changes())
                .isEqualTo(3));
    }

    @Test
    void aValueThatIsTooLongIsNotCut() throws Exception {
        spoke.execute("CREATE DOMAIN short AS character varying(3)");
        TableSchema narrow = Spoke.schema(
                "t",
                List.of("id"),
                "",
                "id integer",
                "v character varying(3)",
                "d public.short",
                "a character varying(3)[]",
                "b bit(3)");
        hub.publish(narrow);
        hub.begin()
                .insert(narrow, "1", "abcdef", "abc", "{abc}", "101")
                .insert(narrow, "2", "abc", "abcdef", "{abc}", "101")
                .insert(narrow, "3", "abc", "abc", "{abcdef}", "101")
                .insert(narrow, "4", "abc", "abc", "{abc}", "1010")
                .insert(narrow, "5", "abc", "abc", "{abc}", "101")
                .commit();
        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));

        assertThat(spoke.rows("SELECT * FROM t")).containsExactly("5|abc|abc|{abc}|101");
        assertThat(spoke.rows("SELECT left(error, 5) FROM anabranch.quarantine ORDER BY id"))
                .containsExactly("22001", "22001", "22001", "22026");
    }

    @Test
    void aTableThatDisappearsTakesItsChangesToQuarantineAndTheOthersGoOn() throws Exception {
        TableSchema t = spoke.table("t", "id", "id integer");
        TableSchema other = spoke.table("other", "id", "id integer");
        hub.begin().insert(t, "1").insert(other, "1").commit();
        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));

        spoke.execute("DROP TABLE t");
        spoke.awaitApplied(hub.begin().insert(t, "2").insert(other, "2").commit());
        spoke.awaitApplied(hub.begin().insert(t, "3").insert(other, "3").commit());

        spoke.awaitApplied(
                hub.begin().truncate(t).truncate(other).insert(other, "4").commit());

        assertThat(spoke.rows("SELECT * FROM other ORDER BY id")).containsExactly("4");
        assertThat(spoke.rows("SELECT operation, key_text FROM anabranch.quarantine ORDER BY id"))
                .containsExactly("INSERT|2", "INSERT|3", "TRUNCATE|");
    }

    @Test
    void recordsThatMakeNoSenseGoToQuarantineAndTheOthersGoOn() throws Exception {
        TableSchema t = spoke.table("t", "id", "id integer", "v text");
        TableSchema narrower = Spoke.schema("t", List.of("id"), "", "id integer");
        hub.raw(0, new byte[] {1, 2, 3}, new byte[] {4, 5, 6});
        hub.raw(0, null, null);
        hub.begin()
                .insert(t, "1", "a")
                .changeUnder(new byte[] {7}, t, Row.of("2", "b"))
                .changeUnder(new RecordKey(narrower.name(), List.of("3")).encode(), t, Row.of("3"))
                .insert(t, "4\0", "d")
                .insert(t, "5", "e\0")
                .commit();
        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));

        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("1|a", "2|b");
        assertThat(spoke.rows("SELECT operation, key_text, left(error, 8) FROM anabranch.quarantine"))
                .containsExactlyInAnyOrder(
                        "UNREADABLE||a record", "INSERT|3|it has n", "INSERT|4 |22021: E", "INSERT|5|22021: E");
    }

    @Test
    void aDamagedRecordGoesToQuarantineAndIsNoGap() throws Exception {
        TableSchema t = spoke.table("t", "id", "id integer", "v text");
        hub.begin().insert(t, "1", "a").commit();
        for (int partition = 0; partition < Spoke.PARTITIONS; partition++) {
            hub.damaged(partition);
        }
        hub.begin().insert(t, "2", "b").commit();
        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));

        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("1|a", "2|b");
        assertThat(spoke.rows("SELECT operation FROM anabranch.quarantine")).containsOnly("UNREADABLE");
    }
}
