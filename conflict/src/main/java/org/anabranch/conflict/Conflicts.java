package org.anabranch.conflict;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.anabranch.conflict.Conflict.Loss;
import org.anabranch.conflict.MergePolicy.Chosen;
import org.anabranch.conflict.RowMerge.Rule;
import org.jspecify.annotations.Nullable;

/**
 * Finds conflicts between the changes of a row, two at a time and with nothing else in view, so that all regions find the same
 * ones, in whatever order the changes come. What is merged as it was meant (counters, sets, the least, the greatest, and what a policy of
 * the user's own makes of values) is no conflict.
 */
public final class Conflicts {

    /** Of a row; with more, the oldest are forgotten, and conflicts with them are not found. */
    static final int REMEMBERED_MAX = 16;

    static final int CHARACTERS_MAX = 64 << 10;

    /** Of a value. */
    static final int VALUE_CHARACTERS_MAX = 4_000;

    private static final Values THERE = Values.of();

    private final RowMerge merge;

    public Conflicts(RowMerge merge) {
        this.merge = merge;
    }

    /** What is to be remembered of a change. */
    public RecentChange recent(RowChange change, long commitMicros) {
        List<Integer> rules = new ArrayList<>();
        for (int i = 0; i < merge.rules().size(); i++) {
            Rule rule = merge.rules().get(i);
            if (rule.policy() instanceof Chosen && MergePolicy.written(change, rule.indexes()) != null) {
                rules.add(i);
            }
        }
        Values row = Objects.requireNonNull(change.after() == null ? change.before() : change.after());
        return new RecentChange(
                change.stamp(), change.context(), commitMicros, change.isDelete(), shortened(row), rules);
    }

    /** A value that was cut says how long it was and ends in a number that tells it from others. */
    private static Values shortened(Values row) {
        @Nullable String[] texts = new @Nullable String[row.size()];
        for (int i = 0; i < texts.length; i++) {
            String text = row.get(i);
            texts[i] = text == null || text.length() <= VALUE_CHARACTERS_MAX
                    ? text
                    : text.substring(0, text.offsetByCodePoints(0, VALUE_CHARACTERS_MAX / 2)) + "... (" + text.length()
                            + " characters, hash " + Integer.toHexString(text.hashCode()) + ")";
        }
        return Values.of(texts);
    }

    /** With one more, if it is not among them, and no more than can be kept. */
    public static List<RecentChange> with(List<RecentChange> recent, RecentChange change) {
        if (recent.isEmpty()) {
            return List.of(change);
        }
        List<RecentChange> newestFirst = new ArrayList<>(recent);
        newestFirst.removeIf(known -> known.stamp().equals(change.stamp()));
        newestFirst.add(change);
        newestFirst.sort(Comparator.comparing(RecentChange::stamp).reversed());
        int characters = 0;
        int kept = 0;
        while (kept < Math.min(newestFirst.size(), REMEMBERED_MAX)) {
            characters += newestFirst.get(kept).characters();
            if (kept > 0 && characters > CHARACTERS_MAX) {
                break;
            }
            kept++;
        }
        return newestFirst.subList(0, kept).reversed();
    }

    /** Between a change and others. */
    public List<Conflict> of(RecentChange change, List<RecentChange> others) {
        List<Conflict> found = new ArrayList<>();
        for (RecentChange other : others) {
            between(change, other).ifPresent(found::add);
        }
        return found;
    }

    /** Empty if one of them has seen the other, or neither loses anything. */
    public Optional<Conflict> between(RecentChange one, RecentChange other) {
        if (!one.isBeside(other)) {
            return Optional.empty();
        }
        boolean isEarlier = one.stamp().compareTo(other.stamp()) < 0;
        RecentChange earlier = isEarlier ? one : other;
        RecentChange later = isEarlier ? other : one;
        List<Loss> losses = losses(earlier, later);
        return losses.isEmpty() ? Optional.empty() : Optional.of(new Conflict(earlier, later, losses));
    }

    private List<Loss> losses(RecentChange earlier, RecentChange later) {
        if (earlier.isDelete() && later.isDelete()) {
            return List.of();
        }
        if (earlier.isDelete() || later.isDelete()) {
            String policy = merge.deletes().name().toLowerCase(Locale.ROOT).replace('_', '-');
            Choice choice = merge.deletes().choice();
            Write winner = choice.winner(life(earlier), life(later));
            return List.of(
                    new Loss(List.of(), "delete: " + policy, winner.stamp().origin()));
        }
        List<Loss> losses = new ArrayList<>();
        for (int place : earlier.rules()) {
            Rule rule = merge.rules().get(place);
            if (later.rules().contains(place) && rule.policy() instanceof Chosen(String policy, Choice choice)) {
                List<Integer> columns = rule.columns().stream()
                        .filter(column -> !Objects.equals(
                                earlier.row().get(column), later.row().get(column)))
                        .toList();
                if (!columns.isEmpty()) {
                    Write winner = choice.winner(write(earlier, rule), write(later, rule));
                    losses.add(new Loss(columns, policy, winner.stamp().origin()));
                }
            }
        }
        return losses;
    }

    private static Write life(RecentChange change) {
        return new Write(change.stamp(), change.context(), change.isDelete() ? null : THERE);
    }

    private static Write write(RecentChange change, Rule rule) {
        return new Write(change.stamp(), change.context(), change.row().select(rule.indexes()));
    }
}
