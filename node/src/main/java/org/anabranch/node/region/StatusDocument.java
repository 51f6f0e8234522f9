package org.anabranch.node.region;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.anabranch.node.region.RegionView.PathView;
import org.anabranch.schemas.RegionStatus;
import org.anabranch.schemas.RegionStatus.CopyStatus;
import org.anabranch.schemas.RegionStatus.PartStatus;

/**
 * The status of all regions as JSON: what {@code anabranch status --json} prints and a node serves as {@code /api/status}. Times are
 * RFC 3339 in UTC, spans are seconds; what is not known is left out.
 */
public final class StatusDocument {

    private StatusDocument() {}

    /** The whole. */
    public static Map<String, Object> of(PipelineView view) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("pipeline", view.pipeline().name());
        document.put("servedBy", view.servedBy());
        document.put("now", view.now().toString());
        document.put(
                "topology",
                view.pipeline().topology().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        document.put("hub", view.pipeline().hub());
        document.put("rpoTargetSeconds", seconds(view.pipeline().rpo().toMillis()));
        document.put(
                "regions",
                view.regions().stream().map(region -> document(view, region)).toList());
        document.put(
                "loss", view.losses().stream().map(StatusDocument::document).toList());
        return document;
    }

    private static Map<String, Object> document(PipelineView.Loss loss) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("region", loss.region());
        document.put("rpoSeconds", seconds(loss.rpoMillis()));
        document.put("best", loss.best());
        if (loss.changes() >= 0) {
            document.put("changes", loss.changes());
        }
        return document;
    }

    private static Map<String, Object> document(PipelineView all, RegionView view) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("region", view.region());
        document.put("silent", view.isSilent());
        if (!view.silence().isEmpty()) {
            document.put("unreachable", view.silence());
        }
        view.status().ifPresent(said -> {
            document.put("statusAgeSeconds", seconds(view.ageMillis()));
            document.put("version", said.version());
            if (!said.console().isEmpty()) {
                document.put("console", said.console());
            }
            document.put(
                    "parts", said.parts().stream().map(StatusDocument::document).toList());
            document.put(
                    "paths", view.paths().stream().map(StatusDocument::document).toList());
            document.put(
                    "tables",
                    all.tables(view).stream().map(StatusDocument::document).toList());
            document.put(
                    "copies",
                    said.copies().stream().map(StatusDocument::document).toList());
            addCapture(document, said);
            document.put("disks", said.disks());
            document.put("quarantine", said.quarantine());
            document.put("orphans", said.orphans());
            document.put("conflicts", conflicts(said));
            document.put("clockOffsets", all.clockOffsets(view.region()));
        });
        return document;
    }

    private static Map<String, Object> document(PartStatus part) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", part.name());
        document.put("state", part.state().name());
        document.put("detail", part.detail());
        document.put("since", instant(part.sinceMicros()));
        return document;
    }

    private static Map<String, Object> document(PathView path) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("origin", path.origin());
        if (path.replicatedUntilMicros() > 0) {
            document.put("replicatedUntil", instant(path.replicatedUntilMicros()));
            document.put("rpoSeconds", seconds(path.rpoMillis()));
        }
        document.put("verdict", path.verdict().name());
        document.put("rowsPerSecond", path.rowsPerSecond());
        document.put("rowsTotal", path.rowsTotal());
        Map<String, Double> stages = new LinkedHashMap<>();
        path.stages().forEach((stage, lag) -> stages.put(stage, seconds(lag)));
        document.put("stages", stages);
        path.slowestStage().ifPresent(stage -> document.put("slowestStage", stage));
        return document;
    }

    private static Map<String, Object> document(PipelineView.TableView table) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("table", table.table());
        document.put("state", table.state());
        if (table.rpoMillis() >= 0) {
            document.put("rpoSeconds", seconds(table.rpoMillis()));
        }
        document.put("rowsPerSecond", table.rowsPerSecond());
        document.put("rowsTotal", table.rowsTotal());
        if (table.lastError() != null) {
            document.put("lastError", table.lastError());
        }
        return document;
    }

    private static Map<String, Object> document(CopyStatus copy) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("table", copy.table());
        document.put("rowsCopied", copy.rowsCopied());
        document.put("rowsEstimated", copy.rowsEstimated());
        document.put("done", copy.done());
        document.put("rowsPerSecond", copy.rowsPerSecond());
        return document;
    }

    private static void addCapture(Map<String, Object> document, RegionStatus said) {
        if (said.captured() != null) {
            document.put(
                    "captured",
                    Map.of(
                            "rowsPerSecond", said.captured().rowsPerSecond(),
                            "rowsTotal", said.captured().rowsTotal()));
        }
        if (said.slot() != null) {
            Map<String, Object> slot = new LinkedHashMap<>();
            slot.put("name", said.slot().name());
            slot.put("active", said.slot().active());
            slot.put("walStatus", said.slot().walStatus());
            slot.put("retainedBytes", said.slot().retainedBytes());
            if (said.slot().remainingBytes() != null) {
                slot.put("remainingBytes", said.slot().remainingBytes());
            }
            document.put("slot", slot);
        }
    }

    private static Map<String, Object> conflicts(RegionStatus said) {
        return Map.of(
                "total",
                said.conflicts().stream()
                        .mapToLong(RegionStatus.ConflictStatus::total)
                        .sum(),
                "perSecond",
                said.conflicts().stream()
                        .mapToDouble(RegionStatus.ConflictStatus::perSecond)
                        .sum());
    }

    private static String instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
    }

    private static double seconds(long millis) {
        return millis / 1_000.0;
    }

    private static double seconds(Duration duration) {
        return seconds(duration.toMillis());
    }
}
