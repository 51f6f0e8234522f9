package org.anabranch.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.anabranch.conflict.MergePolicy.ValueOrder;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.conflict.RowMerge.Rule;
import org.junit.jupiter.api.Test;

/** The page "Choosing a merge policy" shows what merging really does: its tables are made here. */
class MergePolicyPageTest {

    private static final Path PAGE = Path.of("docs", "choosing-a-merge-policy.md");
    private static final boolean WRITES = Boolean.getBoolean("pages.write");

    private static final int PRICE = 0;
    private static final int ON_HAND = 1;
    private static final int TAGS = 2;
    private static final List<String> COLUMNS = List.of("price", "on_hand", "tags");
    private static final Values ROW = Values.of("3.00", "10", "{hot}");

    private static final Stamp INSERTED = new Stamp(1, 0, "eu");
    private static final Stamp EARLIER = new Stamp(2, 0, "eu");
    private static final Stamp LATER = new Stamp(3, 0, "us");

    private static final Meeting DIFFERENT_COLUMNS =
            new Meeting(change(EARLIER, "3.50", "10", "{hot}"), change(LATER, "3.00", "10", "{hot,new}"));
    private static final Meeting SAME_COLUMNS =
            new Meeting(change(EARLIER, "3.50", "8", "{hot,sale}"), change(LATER, "2.80", "7", "{new}"));
    private static final Meeting DELETE_FIRST =
            new Meeting(RowChange.delete(EARLIER, Context.of(INSERTED), ROW), change(LATER, "3.00", "7", "{hot}"));
    private static final Meeting DELETE_LAST =
            new Meeting(change(EARLIER, "3.00", "8", "{hot}"), RowChange.delete(LATER, Context.of(INSERTED), ROW));

    private static final Policy LAST_WRITER_WINS =
            new Policy("merge: last-writer-wins", Rule.of(MergePolicy.lastWriterWins(), PRICE, ON_HAND, TAGS));

    /** Two changes of the row, by regions that had not seen each other's. */
    private record Meeting(RowChange earlier, RowChange later) {}

    /** As it stands in the configuration, and what that means for the row's columns. */
    private record Policy(String configuration, DeletePolicy deletes, List<Rule> rules) {
        Policy(String configuration, Rule... rules) {
            this(configuration, DeletePolicy.LAST_WRITER_WINS, List.of(rules));
        }

        RowMerge merge() {
            return new RowMerge(COLUMNS.size(), deletes, rules);
        }
    }

    @Test
    void thePageShowsWhatEachPolicyDoesToTheSameThreeConflicts() throws IOException {
        List<Policy> policies = List.of(
                LAST_WRITER_WINS,
                new Policy(
                        "merge: last-writer-wins-per-column",
                        Rule.of(MergePolicy.lastWriterWins(), PRICE),
                        Rule.of(MergePolicy.lastWriterWins(), ON_HAND),
                        Rule.of(MergePolicy.lastWriterWins(), TAGS)),
                new Policy("merge: { prefer: eu }", Rule.of(MergePolicy.prefer("eu"), PRICE, ON_HAND, TAGS)),
                ofColumn(MergePolicy.counter(), ON_HAND),
                ofColumn(MergePolicy.set(), TAGS),
                ofColumn(MergePolicy.min(ValueOrder.NUMBERS), PRICE),
                ofColumn(MergePolicy.max(ValueOrder.NUMBERS), PRICE));

        assertPageHas("policies", table(policies, List.of(DIFFERENT_COLUMNS, SAME_COLUMNS, DELETE_FIRST), """
                | | 1. different columns | 2. the same columns | 3. a delete and a write |
                |---|---|---|---|
                """));
    }

    @Test
    void thePageShowsWhatADeleteAndAWriteMakeOfARow() throws IOException {
        List<Policy> policies = Arrays.stream(DeletePolicy.values())
                .map(deletes -> new Policy("delete: " + name(deletes), deletes, LAST_WRITER_WINS.rules()))
                .toList();

        assertPageHas("deletes", table(policies, List.of(DELETE_FIRST, DELETE_LAST), """
                | | the delete was earlier | the delete was later |
                |---|---|---|
                """));
    }

    private static Policy ofColumn(MergePolicy policy, int column) {
        Integer[] others = IntStream.range(0, COLUMNS.size())
                .filter(other -> other != column)
                .boxed()
                .toArray(Integer[]::new);
        return new Policy(
                "merge: { columns: { " + COLUMNS.get(column) + ": " + policy.name() + " } }",
                Rule.of(policy, column),
                Rule.of(MergePolicy.lastWriterWins(), others));
    }

    private static String name(DeletePolicy deletes) {
        return deletes.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static RowChange change(Stamp stamp, String... after) {
        return RowChange.update(stamp, Context.of(INSERTED), ROW, Values.of(after));
    }

    private static String table(List<Policy> policies, List<Meeting> meetings, String head) {
        return policies.stream()
                .map(policy -> meetings.stream()
                        .map(meeting -> result(policy, meeting) + "<br>" + journal(policy.merge(), meeting))
                        .collect(Collectors.joining(" | ", "| `" + policy.configuration() + "` | ", " |\n")))
                .collect(Collectors.joining("", head, ""));
    }

    private static String result(Policy policy, Meeting meeting) {
        Optional<Values> usual = merged(LAST_WRITER_WINS.merge(), meeting);
        return merged(policy.merge(), meeting)
                .map(row -> IntStream.range(0, COLUMNS.size())
                        .mapToObj(column -> shown(row, usual.orElse(ROW), column))
                        .collect(Collectors.joining(", ")))
                .orElse("the row is gone");
    }

    private static String shown(Values row, Values usual, int column) {
        String value = String.valueOf(row.get(column)).replace("\"", ""); // as PostgreSQL shows arrays
        return value.equals(usual.get(column)) ? value : "**" + value + "**";
    }

    /** Whichever of the two comes first. */
    private static Optional<Values> merged(RowMerge merge, Meeting meeting) {
        RowState before = merge.of(RowChange.insert(INSERTED, Context.NOTHING, ROW));
        RowState earlier = merge.of(meeting.earlier());
        RowState later = merge.of(meeting.later());
        Optional<Values> merged = merge.read(merge.merge(merge.merge(before, earlier), later));
        assertThat(merge.read(merge.merge(merge.merge(before, later), earlier))).isEqualTo(merged);
        return merged;
    }

    private static String journal(RowMerge merge, Meeting meeting) {
        Conflicts conflicts = new Conflicts(merge);
        return conflicts
                .between(conflicts.recent(meeting.earlier(), 0), conflicts.recent(meeting.later(), 0))
                .map(conflict -> lost(meeting, conflict.losses()))
                .orElse("no conflict");
    }

    private static String lost(Meeting meeting, List<Conflict.Loss> losses) {
        Map<String, List<String>> lost = new TreeMap<>();
        for (Conflict.Loss loss : losses) {
            boolean isEarlier = !meeting.earlier().stamp().origin().equals(loss.winner());
            RowChange loser = isEarlier ? meeting.earlier() : meeting.later();
            lost.computeIfAbsent(loser.stamp().origin(), origin -> new ArrayList<>())
                    .addAll(lost(loser, loss.columns()));
        }
        return lost.entrySet().stream()
                .map(each -> String.join(", ", each.getValue()) + " of " + each.getKey())
                .collect(Collectors.joining("; ", "lost: ", ""));
    }

    private static List<String> lost(RowChange loser, List<Integer> columns) {
        Values after = loser.after();
        if (after == null) {
            return List.of("the delete");
        }
        return columns.isEmpty()
                ? List.of("the row")
                : columns.stream()
                        .filter(column -> !Objects.equals(after.get(column), ROW.get(column)))
                        .map(COLUMNS::get)
                        .toList();
    }

    private static void assertPageHas(String name, String table) throws IOException {
        Path page = Files.exists(PAGE) ? PAGE : Path.of("..").resolve(PAGE);
        String text = Files.readString(page);
        Pattern place = Pattern.compile("(?s)(<!-- " + name + ":[^\n]*\n)(.*?)(?=<!-- end -->)");
        Matcher there = place.matcher(text);
        assertThat(there.find()).as("the place of '%s' in %s", name, page).isTrue();
        if (WRITES) {
            Files.writeString(page, there.replaceFirst("$1" + Matcher.quoteReplacement(table)));
            return;
        }
        assertThat(there.group(2))
                .as("the table in %s; to write it anew: mvn test -pl conflict -Dpages.write=true", page)
                .isEqualTo(table);
    }
}
