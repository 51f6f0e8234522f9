package org.anabranch.node.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.anabranch.node.region.PipelineView;
import org.anabranch.node.region.RegionView;
import org.anabranch.node.region.RegionView.PathView;
import org.anabranch.schemas.PartState;
import org.anabranch.schemas.RegionStatus;
import org.anabranch.schemas.RegionStatus.PartStatus;

/** What to look at and what to type, where something is not as it should be. */
final class Advice {

    private Advice() {}

    /** Nothing where all is well. */
    static List<String> of(PipelineView all) {
        List<String> lines = new ArrayList<>();
        for (RegionView view : all.regions()) {
            view.status().ifPresent(said -> addFailed(lines, view.region(), said));
            view.paths().stream()
                    .filter(path -> path.verdict() == RegionView.Verdict.BREACH)
                    .forEach(path -> add(lines, all, view, path));
            if (view.isSilent()) {
                lines.add("next: " + view.region()
                        + "'s node says nothing. Look at its log; start it: anabranch run --region " + view.region());
            }
            view.status()
                    .filter(said -> !said.quarantine().isEmpty())
                    .ifPresent(said -> lines.add("next: anabranch quarantine list --region " + view.region()));
        }
        return lines;
    }

    private static void addFailed(List<String> lines, String region, RegionStatus said) {
        said.parts().stream()
                .filter(part -> part.state() == PartState.FAILED)
                .forEach(part -> lines.add("next: " + region + "'s " + part.name() + " has FAILED: " + part.detail()));
    }

    private static void add(List<String> lines, PipelineView all, RegionView view, PathView path) {
        String stage = path.slowestStage().orElse("");
        RegionView at = stage.equals("capture") ? region(all, path.origin()) : view;
        Optional<PartStatus> part = at.status().flatMap(said -> said.parts().stream()
                .filter(one -> one.name().startsWith(partOf(stage)) && one.state() != PartState.RUNNING)
                .findFirst());
        lines.add(String.format(
                Locale.ROOT,
                "next: %s -> %s is %.1f s behind%s%s",
                path.origin(),
                view.region(),
                path.rpoMillis() / 1_000.0,
                stage.isEmpty() ? "" : ", most of it in " + stage,
                part.map(one -> ": " + at.region() + "'s " + one.name() + " is " + one.state() + ", " + one.detail())
                        .orElse(
                                at.isSilent()
                                        ? ": " + at.region() + "'s node says nothing"
                                        : "; every part there runs")));
    }

    private static RegionView region(PipelineView all, String name) {
        return all.regions().stream()
                .filter(view -> view.region().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String partOf(String stage) {
        return switch (stage) {
            case "resolve" -> "resolver";
            case "apply" -> "applier";
            case "" -> "no stage";
            default -> stage;
        };
    }
}
