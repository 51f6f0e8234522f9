package org.anabranch.sandbox.demo;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.function.Function;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.region.RegionView;
import org.anabranch.node.region.RegionView.PathView;
import org.anabranch.schemas.PartState;
import org.anabranch.schemas.RegionStatus;
import org.anabranch.schemas.RegionStatus.PartStatus;

/** Watches all regions by what their nodes say of themselves. For one thread. */
final class Monitor implements AutoCloseable {

    private static final int LAGS_MAX = 80;

    private final Pipeline pipeline;
    private final SequencedMap<String, StatusFollower> followers = new LinkedHashMap<>();
    private final Map<String, List<Long>> lags = new HashMap<>();

    Monitor(Pipeline pipeline, InstantSource clock) {
        this.pipeline = pipeline;
        for (Region region : pipeline.regions().values()) {
            followers.put(region.name(), new StatusFollower(pipeline, region, clock));
        }
    }

    void start() {
        followers.values().forEach(StatusFollower::start);
    }

    Snapshot.HubLine hub() {
        RegionView view = view(String.valueOf(pipeline.hub()));
        return new Snapshot.HubLine(view.region(), state(view), detail(view));
    }

    /** Also takes note of the lags: to be called at a steady pace. */
    List<Snapshot.SpokeLine> spokes(Function<String, OptionalDouble> visibleMillis) {
        return pipeline.spokes().stream()
                .map(spoke -> spoke(view(spoke.name()), visibleMillis.apply(spoke.name())))
                .toList();
    }

    /** The region's state in a word, for messages. */
    String state(String region) {
        return state(view(region));
    }

    /** What is wrong, a line for each region that is not well. */
    List<String> troubles() {
        return followers.keySet().stream()
                .map(this::view)
                .filter(view -> !state(view).equals(PartState.RUNNING.name()))
                .map(view -> view.region() + " " + state(view) + " " + detail(view))
                .toList();
    }

    private RegionView view(String region) {
        return Objects.requireNonNull(followers.get(region), region).view();
    }

    private Snapshot.SpokeLine spoke(RegionView view, OptionalDouble visibleMillis) {
        Optional<PathView> path = view.paths().stream().min(Comparator.comparingLong(PathView::replicatedUntilMicros));
        long until = path.map(PathView::replicatedUntilMicros).orElse(0L);
        long lagMillis = path.map(PathView::rpoMillis).orElse(-1L);
        long rpoMillis = pipeline.rpo().toMillis();
        List<Long> history = lags.computeIfAbsent(view.region(), name -> new ArrayList<>());
        history.add(lagMillis);
        if (history.size() > LAGS_MAX) {
            history.removeFirst();
        }
        return new Snapshot.SpokeLine(
                view.region(),
                state(view),
                detail(view),
                lagMillis,
                rpoMillis,
                lagMillis < 0 ? "COPYING" : lagMillis > rpoMillis ? "BREACH" : "OK",
                view.paths().stream().mapToDouble(PathView::rowsPerSecond).sum(),
                visibleMillis,
                until,
                history);
    }

    private static String state(RegionView view) {
        if (view.status().isEmpty()) {
            return PartState.STARTING.name();
        }
        return view.isSilent()
                ? "SILENT"
                : worst(view).map(part -> part.state().name()).orElse(PartState.STARTING.name());
    }

    private static String detail(RegionView view) {
        if (view.status().isPresent() && view.isSilent()) {
            return "its node has said nothing for " + view.ageMillis() / 1_000 + " s";
        }
        Optional<String> quarantine = view.status()
                .map(RegionStatus::quarantine)
                .filter(tables -> !tables.isEmpty())
                .map(tables -> "quarantine: " + tables.getFirst().table() + ": "
                        + tables.getFirst().lastError());
        return worst(view)
                .filter(part -> part.state() != PartState.RUNNING)
                .map(part -> part.name() + ": " + part.detail())
                .or(() -> quarantine)
                .orElse("");
    }

    private static Optional<PartStatus> worst(RegionView view) {
        return view.status()
                .flatMap(status -> status.parts().stream().max(Comparator.comparingInt(part -> badness(part.state()))));
    }

    private static int badness(PartState state) {
        return switch (state) {
            case RUNNING -> 0;
            case COPYING -> 1;
            case STARTING -> 2;
            case WAITING -> 3;
            case STOPPED -> 4;
            case FAILED -> 5;
        };
    }

    @Override
    public void close() {
        followers.values().stream()
                .map(follower -> Thread.ofVirtual().start(follower::close))
                .toList()
                .forEach(Monitor::join);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
