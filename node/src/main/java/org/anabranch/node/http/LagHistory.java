package org.anabranch.node.http;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.node.region.PipelineView;

/** The RPO of every path over the last minutes, second by second. In memory: a node that starts begins anew. Thread-safe. */
final class LagHistory {

    /** A quarter of an hour. */
    private static final int POINTS_MAX = 900;

    private record Path(String origin, String region) {}

    private record Point(long atMillis, long rpoMillis) {}

    private final Map<Path, Deque<Point>> paths = new LinkedHashMap<>();

    /** To be called once a second. */
    synchronized void add(PipelineView view) {
        long now = view.now().toEpochMilli();
        view.regions().forEach(region -> region.paths().stream()
                .filter(path -> path.rpoMillis() >= 0)
                .forEach(path -> {
                    Deque<Point> points =
                            paths.computeIfAbsent(new Path(path.origin(), region.region()), p -> new ArrayDeque<>());
                    points.add(new Point(now, path.rpoMillis()));
                    if (points.size() > POINTS_MAX) {
                        points.remove();
                    }
                }));
    }

    /** For JSON: points are pairs of seconds since 1970 and the RPO in seconds. */
    synchronized Map<String, Object> document(String pipeline) {
        List<Map<String, Object>> documents = new ArrayList<>();
        paths.forEach((path, points) -> {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("origin", path.origin());
            document.put("region", path.region());
            document.put(
                    "points",
                    points.stream()
                            .map(point -> List.of(point.atMillis() / 1_000.0, point.rpoMillis() / 1_000.0))
                            .toList());
            documents.add(document);
        });
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("pipeline", pipeline);
        document.put("intervalSeconds", 1);
        document.put("paths", documents);
        return document;
    }
}
