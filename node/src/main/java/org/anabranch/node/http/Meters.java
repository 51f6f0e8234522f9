package org.anabranch.node.http;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/** Meters whose values are given anew for every scrape: gauges that are not given any more are gone, counters stay. Not thread-safe. */
final class Meters {

    private record Counter(String name, Tags tags) {}

    private final MeterRegistry registry;
    private final Map<String, MultiGauge> gauges = new HashMap<>();
    private final Map<String, List<MultiGauge.Row<?>>> rows = new LinkedHashMap<>();
    private final Map<Counter, AtomicReference<Double>> counters = new HashMap<>();

    Meters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Before the values of a scrape. */
    void begin() {
        rows.values().forEach(List::clear);
    }

    void gauge(String name, Tags tags, Number value) {
        rows.computeIfAbsent(name, n -> new ArrayList<>()).add(MultiGauge.Row.of(tags, value));
    }

    /** @param name without _total, which is added */
    void counter(String name, Tags tags, Number total) {
        counters.computeIfAbsent(new Counter(name, tags), this::register).set(total.doubleValue());
    }

    private AtomicReference<Double> register(Counter counter) {
        AtomicReference<Double> total = new AtomicReference<>(0.0);
        FunctionCounter.builder(counter.name(), total, AtomicReference::get)
                .tags(counter.tags())
                .register(registry);
        return total;
    }

    /** After them. */
    void end() {
        rows.forEach((name, values) -> gauges.computeIfAbsent(
                        name, n -> MultiGauge.builder(n).register(registry))
                .register(values, true));
    }
}
