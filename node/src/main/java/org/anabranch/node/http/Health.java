package org.anabranch.node.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.anabranch.node.region.PipelineView;
import org.anabranch.node.region.RegionView;
import org.anabranch.node.region.RegionView.PathView;
import org.anabranch.schemas.PartState;

/** Answers to those who decide by them: what starts processes anew, and what sends users to regions. */
final class Health {

    /**
     * @param isGood whether all is well
     * @param document why, for JSON
     */
    record Answer(boolean isGood, Map<String, Object> document) {}

    private Health() {}

    /** @param deadlyFaults what only a restart would heal */
    static Answer live(List<String> deadlyFaults) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("live", deadlyFaults.isEmpty());
        document.put("reasons", deadlyFaults);
        return new Answer(deadlyFaults.isEmpty(), document);
    }

    /**
     * Whether users may read in the region: everything has been copied there, nothing on the way to it has failed, and its data is
     * no older than that.
     *
     * @param maxLag negative for any age
     */
    static Answer ready(PipelineView all, String region, Duration maxLag) {
        RegionView view = all.regions().stream()
                .filter(one -> one.region().equals(region))
                .findFirst()
                .orElseThrow();
        List<String> reasons = new ArrayList<>();
        view.status().ifPresent(said -> said.parts().stream()
                .filter(part -> part.state() == PartState.FAILED)
                .forEach(part -> reasons.add("the part '" + part.name() + "' has failed: " + part.detail())));
        Map<String, Double> lags = new LinkedHashMap<>();
        for (PathView path : view.paths()) {
            if (path.verdict() == RegionView.Verdict.COPYING) {
                reasons.add("not everything of " + path.origin() + " has been copied here yet");
            } else {
                lags.put(path.origin(), path.rpoMillis() / 1_000.0);
                if (!maxLag.isNegative() && path.rpoMillis() > maxLag.toMillis()) {
                    reasons.add(String.format(
                            Locale.ROOT,
                            "what came last from %s is %.1f s old, and max_lag is %.1f s",
                            path.origin(),
                            path.rpoMillis() / 1_000.0,
                            maxLag.toMillis() / 1_000.0));
                }
            }
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("ready", reasons.isEmpty());
        document.put("region", region);
        document.put("reasons", reasons);
        document.put("lagSeconds", lags);
        return new Answer(reasons.isEmpty(), document);
    }
}
