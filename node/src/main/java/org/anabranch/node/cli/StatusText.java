package org.anabranch.node.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.anabranch.node.region.PipelineView;
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

    /** Everything, in the order in which one would ask: how far behind, how much is at stake, which part, what to do. */
    static List<String> lines(PipelineView all) {
        List<String> lines = new ArrayList<>();
        Duration target = all.pipeline().rpo();
        lines.add("Pipeline " + all.pipeline().name() + ", RPO target " + seconds(target.toMillis()));
        lines.add("");
        lines.add(PATH.formatted("PATH", "REPLICATED UNTIL (UTC)", "RPO", "TARGET", "ROWS/S", ""));
        for (RegionView view : all.regions()) {
            view.paths().forEach(path -> lines.add(line(target, view, path)));
        }
        lines.add("");
        all.losses().forEach(loss -> lines.add(line(loss)));
        lines.add("");
        lines.add(PART.formatted("REGION", "PART", "STATE", ""));
        all.regions().forEach(view -> addParts(lines, view));
        all.regions().forEach(view -> view.status().ifPresent(status -> addWork(lines, view.region(), status)));
        List<String> advice = Advice.of(all);
        if (!advice.isEmpty()) {
            lines.add("");
            lines.addAll(advice);
        }
        return lines;
    }

    private static String line(Duration target, RegionView view, PathView path) {
        boolean begun = path.replicatedUntilMicros() > 0;
        return PATH.formatted(
                        path.origin() + " -> " + view.region(),
                        begun ? time(path.replicatedUntilMicros()) : "not yet",
                        begun ? seconds(path.rpoMillis()) : "-",
                        seconds(target.toMillis()),
                        String.format(Locale.ROOT, "%,.0f", path.rowsPerSecond()),
                        path.verdict()
                                + slowest(path)
                                + (view.isSilent() ? " (node silent for " + seconds(view.ageMillis()) + ")" : ""))
                .stripTrailing();
    }

    private static String slowest(PathView path) {
        return path.verdict() == RegionView.Verdict.BREACH
                ? path.slowestStage()
                        .map(stage -> ", " + seconds(path.stageMillis(stage)) + " of it in " + stage)
                        .orElse("")
                : "";
    }

    private static String line(PipelineView.Loss loss) {
        return String.format(
                Locale.ROOT,
                "Lose %s now: %s%s; %s has the rest",
                loss.region(),
                seconds(loss.rpoMillis()),
                loss.changes() < 0 ? "" : String.format(Locale.ROOT, ", about %,d changes", loss.changes()),
                loss.best());
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
