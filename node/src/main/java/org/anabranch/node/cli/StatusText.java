package org.anabranch.node.cli;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.region.RegionView;
import org.anabranch.node.region.RegionView.PathView;
import org.anabranch.schemas.RegionStatus;
import org.anabranch.schemas.RegionStatus.CopyStatus;
import org.anabranch.schemas.RegionStatus.OrphanStatus;
import org.anabranch.schemas.RegionStatus.PartStatus;
import org.anabranch.schemas.RegionStatus.QuarantineStatus;

/** The status of all regions as lines for people. */
final class StatusText {

    private static final String PATH = "%-16s %-24s %10s %9s %10s   %s";
    private static final String PART = "%-10s %-22s %-9s %s";

    private StatusText() {}

    static List<String> lines(Pipeline pipeline, List<RegionView> views) {
        List<String> lines = new ArrayList<>();
        lines.add("Pipeline " + pipeline.name() + ", RPO target "
                + seconds(pipeline.rpo().toMillis()));
        lines.add("");
        lines.add(PATH.formatted("PATH", "REPLICATED UNTIL (UTC)", "LAG", "TARGET", "ROWS/S", ""));
        for (RegionView view : views) {
            view.paths().forEach(path -> lines.add(line(pipeline, view, path)));
        }
        lines.add("");
        lines.add(PART.formatted("REGION", "PART", "STATE", ""));
        views.forEach(view -> addParts(lines, view));
        views.forEach(view -> view.status().ifPresent(status -> addWork(lines, view.region(), status)));
        return lines;
    }

    private static String line(Pipeline pipeline, RegionView view, PathView path) {
        boolean begun = path.replicatedUntilMicros() > 0;
        return PATH.formatted(
                path.origin() + " -> " + view.region(),
                begun ? time(path.replicatedUntilMicros()) : "not yet",
                begun ? seconds(path.lagMillis()) : "-",
                seconds(pipeline.rpo().toMillis()),
                String.format(Locale.ROOT, "%,.0f", path.rowsPerSecond()),
                path.verdict() + (view.isSilent() ? " (node silent for " + seconds(view.ageMillis()) + ")" : ""));
    }

    private static void addParts(List<String> lines, RegionView view) {
        if (!view.silence().isEmpty()) {
            lines.add(PART.formatted(view.region(), "-", "UNKNOWN", view.silence()));
        }
        view.status().ifPresent(status -> {
            for (PartStatus part : status.parts()) {
                String state = view.isSilent() ? "SILENT" : part.state().name();
                lines.add(PART.formatted(view.region(), part.name(), state, part.detail())
                        .stripTrailing());
            }
        });
    }

    private static void addWork(List<String> lines, String region, RegionStatus status) {
        for (CopyStatus copy : status.copies()) {
            if (!copy.done()) {
                lines.add(region + ": first copy of " + copy.line());
            }
        }
        for (QuarantineStatus quarantine : status.quarantine()) {
            lines.add(region + ": quarantine holds " + quarantine.changes()
                    + (quarantine.changes() == 1 ? " change of " : " changes of ") + quarantine.table()
                    + ", the newest error: " + quarantine.lastError());
        }
        for (OrphanStatus orphans : status.orphans()) {
            boolean isOne = orphans.rows() == 1;
            lines.add(String.format(
                    Locale.ROOT,
                    "%s: %,d %s of %s %s no parent in %s (%s); anabranch.orphans names %s",
                    region,
                    orphans.rows(),
                    isOne ? "row" : "rows",
                    orphans.table(),
                    isOne ? "has" : "have",
                    orphans.parent(),
                    orphans.constraint(),
                    isOne ? "it" : "them"));
        }
    }

    private static String time(long micros) {
        return Instant.EPOCH
                .plus(micros, ChronoUnit.MICROS)
                .truncatedTo(ChronoUnit.MILLIS)
                .toString()
                .replace("T", " ")
                .replace("Z", "");
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, millis < 10_000 ? "%.2f s" : "%.0f s", millis / 1000.0);
    }
}
