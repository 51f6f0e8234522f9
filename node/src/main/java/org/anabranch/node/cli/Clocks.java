package org.anabranch.node.cli;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.anabranch.capture.SourceCheck;
import org.anabranch.schemas.Finding;

/** Whether the clocks of regions that write the same tables say the same: they decide which of two writes in conflict is the later. */
final class Clocks {

    /** Less is what clocks that are kept right may differ by, and what the answer took. */
    private static final Duration NOTICEABLE = Duration.ofMillis(500);

    private Clocks() {}

    /**
     * @param maxSkew of the configuration
     * @param sources what stands in each region that writes a table with others, and could be asked
     */
    static List<Finding> findings(Duration maxSkew, Map<String, SourceCheck.Source> sources) {
        Comparator<Map.Entry<String, SourceCheck.Source>> byClock =
                Comparator.comparing(source -> source.getValue().clockAhead());
        var last = sources.entrySet().stream().min(byClock).orElse(null);
        var first = sources.entrySet().stream().max(byClock).orElse(null);
        if (last == null || first == null) {
            return List.of();
        }
        Duration apart = first.getValue().clockAhead().minus(last.getValue().clockAhead());
        if (apart.compareTo(NOTICEABLE) < 0) {
            return List.of();
        }
        String where = "clocks of " + first.getKey() + " and " + last.getKey();
        String what = "are " + String.format(Locale.ROOT, "%.1f s", apart.toMillis() / 1_000.0) + " apart";
        String fix = "let NTP set the clocks of the database servers";
        return List.of(
                apart.compareTo(maxSkew) > 0
                        ? Finding.error(
                                where,
                                what + ", more than maxClockSkew: changes of " + first.getKey()
                                        + " would not be taken in " + last.getKey()
                                        + " until its clock has come so far",
                                fix + ", or write a larger maxClockSkew")
                        : Finding.warning(
                                where,
                                what + ": of writes in conflict those of " + first.getKey()
                                        + " win, although they came earlier",
                                fix));
    }
}
