package org.anabranch.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.anabranch.conflict.Stamp;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.Row;
import org.junit.jupiter.api.Test;

class TableNetTest {

    private static final String HOLE = Row.UNCHANGED;

    private final List<PendingChange> changes = new ArrayList<>();

    @Test
    void theLastStateOfAKeyIsWhatCounts() {
        change(Operation.INSERT, "1", null, Row.of("1", "a"));
        change(Operation.UPDATE, "1", null, Row.of("1", "b"));
        change(Operation.INSERT, "2", null, Row.of("2", "c"));
        change(Operation.DELETE, "2", Row.of("2", HOLE), null);
        change(Operation.DELETE, "3", Row.of("3", HOLE), null);
        change(Operation.INSERT, "3", null, Row.of("3", "d"));

        TableNet.Sets sets = TableNet.of(changes).sets();
        assertThat(sets.fresh()).containsExactly(Row.of("1", "b"));
        assertThat(sets.whole()).containsExactly(Row.of("3", "d"));
        assertThat(sets.gone()).containsExactly(Row.of("2", HOLE));
        assertThat(sets.withHoles()).isEmpty();
    }

    @Test
    void holesAreFilledFromAnEarlierStateAndOtherwiseGroupedByPattern() {
        change(Operation.INSERT, "1", null, Row.of("1", "a", "x"));
        change(Operation.UPDATE, "1", null, Row.of("1", HOLE, "y"));
        change(Operation.UPDATE, "2", null, Row.of("2", HOLE, "y"));
        change(Operation.UPDATE, "3", null, Row.of("3", HOLE, "z"));
        change(Operation.UPDATE, "4", null, Row.of("4", "b", HOLE));
        change(Operation.UPDATE, "5", null, Row.of("5", "b", HOLE));
        change(Operation.UPDATE, "5", null, Row.of("5", HOLE, "y"));

        TableNet.Sets sets = TableNet.of(changes).sets();
        assertThat(sets.fresh()).containsExactly(Row.of("1", "a", "y"));
        assertThat(sets.whole()).containsExactly(Row.of("5", "b", "y"));
        assertThat(sets.withHoles())
                .containsExactlyInAnyOrder(
                        List.of(Row.of("2", HOLE, "y"), Row.of("3", HOLE, "z")), List.of(Row.of("4", "b", HOLE)));
    }

    @Test
    void onlyWhatBeganWithAnInsertOrACopyIsFresh() {
        change(Operation.COPY, "1", null, Row.of("1", "a"));
        change(Operation.INSERT, "2", null, Row.of("2", "a"));
        change(Operation.UPDATE, "2", null, Row.of("2", "b"));
        change(Operation.UPDATE, "3", null, Row.of("3", "a"));
        change(Operation.UPDATE, "4", null, Row.of("4", HOLE));
        change(Operation.UPDATE, "4", null, Row.of("4", "c"));
        change(Operation.DELETE, "5", Row.of("5", HOLE), null);
        change(Operation.COPY, "5", null, Row.of("5", "d"));

        TableNet net = TableNet.of(changes);
        assertThat(net.sets().fresh()).containsExactly(Row.of("1", "a"), Row.of("2", "b"));
        assertThat(net.freshRows()).isEqualTo(2);
        assertThat(net.sets().whole()).containsExactly(Row.of("3", "a"), Row.of("4", "c"), Row.of("5", "d"));
        assertThat(net.sets().written()).hasSize(5);
    }

    @Test
    void anUpdateWithHolesOfADeletedRowBringsNothingBack() {
        change(Operation.DELETE, "1", Row.of("1", HOLE), null);
        change(Operation.UPDATE, "1", null, Row.of("1", HOLE));

        assertThat(TableNet.of(changes).sets().gone()).containsExactly(Row.of("1", HOLE));
    }

    @Test
    void underADeferredKeyTheRowThatMovedInStaysWhenTheOtherMovesOut() {
        move(Row.of("1", "one"), Row.of("2", "one"));
        move(Row.of("2", "two"), Row.of("1", "two"));

        TableNet.Sets sets = TableNet.of(changes).sets();
        assertThat(sets.whole()).containsExactlyInAnyOrder(Row.of("1", "two"), Row.of("2", "one"));
        assertThat(sets.gone()).isEmpty();
    }

    @Test
    void aRowThatMovesOnLeavesNothingOnItsWay() {
        move(Row.of("1", "one"), Row.of("2", "one"));
        move(Row.of("2", "one"), Row.of("3", "one"));

        TableNet.Sets sets = TableNet.of(changes).sets();
        assertThat(sets.whole()).containsExactly(Row.of("3", "one"));
        assertThat(sets.gone()).containsExactlyInAnyOrder(Row.of("1", "one"), Row.of("2", "one"));
    }

    private void move(Row before, Row after) {
        change(Operation.UPDATE, after.text(0), before, after);
        change(Operation.DELETE, before.text(0), before, null);
    }

    private void change(Operation operation, String key, Row before, Row after) {
        int number = changes.size();
        Change change = new Change(operation, new Stamp(1, number, "hub"), 1, 1, before, after);
        changes.add(new PendingChange(key.getBytes(StandardCharsets.UTF_8), change, number, 1));
    }
}
