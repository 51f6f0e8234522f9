package org.anabranch.conflict;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.anabranch.conflict.RowMerge.DeletePolicy;

/** What the policies promise, said as plainly as can be: from all changes at once, with no state. */
public final class MergeOracle {

    private final List<RowChange> byStamp;

    public MergeOracle(List<RowChange> changes) {
        byStamp = new ArrayList<>(changes);
        byStamp.sort(Comparator.comparing(RowChange::stamp));
    }

    /** Changes that nobody who made one of these has seen. */
    private static List<RowChange> unseen(List<RowChange> changes) {
        return changes.stream()
                .filter(change -> changes.stream().noneMatch(other -> other.follows(change.stamp())))
                .toList();
    }

    public boolean isDeleted(DeletePolicy policy) {
        List<RowChange> last = unseen(byStamp);
        return switch (policy) {
            case LAST_WRITER_WINS -> byStamp.getLast().isDelete();
            case WINS -> last.stream().anyMatch(RowChange::isDelete);
            case LOSES -> last.stream().allMatch(RowChange::isDelete);
        };
    }

    private static boolean wrote(RowChange change, int column) {
        return change.after() != null
                && (change.before() == null
                        || !Objects.equals(
                                change.before().get(column), change.after().get(column)));
    }

    public Values lastWrittenRow() {
        return byStamp.stream()
                .filter(change -> !change.isDelete())
                .reduce((one, later) -> later)
                .orElseThrow()
                .after();
    }

    public String lastWritten(int column) {
        return byStamp.stream()
                .filter(change -> wrote(change, column))
                .reduce((one, later) -> later)
                .orElseThrow()
                .after()
                .get(column);
    }

    private List<RowChange> lastWrites(int column) {
        return unseen(byStamp.stream().filter(change -> wrote(change, column)).toList());
    }

    /** What was written there by those of whom none had seen another, without NULL. */
    public List<String> inConflict(int column) {
        return lastWrites(column).stream()
                .map(change -> change.after().get(column))
                .filter(Objects::nonNull)
                .toList();
    }

    public String preferred(int column, String region) {
        List<RowChange> last = lastWrites(column);
        Optional<RowChange> theirs = last.stream()
                .filter(change -> change.stamp().origin().equals(region))
                .findFirst();
        return theirs.orElse(last.getLast()).after().get(column);
    }

    private List<RowChange> sinceTheNewestInsert() {
        int newest = 0;
        for (int i = 0; i < byStamp.size(); i++) {
            newest = byStamp.get(i).isInsert() ? i : newest;
        }
        return byStamp.subList(newest, byStamp.size()).stream()
                .filter(change -> !change.isDelete())
                .toList();
    }

    public String counted(int column) {
        BigDecimal sum = BigDecimal.ZERO;
        for (RowChange change : sinceTheNewestInsert()) {
            sum = sum.add(new BigDecimal(change.after().get(column)));
            sum = change.isInsert()
                    ? sum
                    : sum.subtract(new BigDecimal(change.before().get(column)));
        }
        return sum.toPlainString();
    }

    public String elements(int column) {
        TreeSet<String> elements = new TreeSet<>();
        for (RowChange change : sinceTheNewestInsert()) {
            List<String> after = ArrayText.parse(change.after().get(column));
            List<String> before = change.isInsert()
                    ? List.of()
                    : ArrayText.parse(change.before().get(column));
            after.stream().filter(element -> !before.contains(element)).forEach(elements::add);
            before.stream().filter(element -> !after.contains(element)).forEach(elements::remove);
        }
        return ArrayText.format(List.copyOf(elements));
    }

    public String greatest(int column) {
        return best(column, Comparator.comparing(BigDecimal::new));
    }

    public String least(int column) {
        return best(
                column,
                Comparator.comparing((String text) -> new BigDecimal(text)).reversed());
    }

    private String best(int column, Comparator<String> order) {
        return sinceTheNewestInsert().stream()
                .filter(change -> wrote(change, column))
                .map(change -> change.after().get(column))
                .max(order)
                .orElseThrow();
    }
}
