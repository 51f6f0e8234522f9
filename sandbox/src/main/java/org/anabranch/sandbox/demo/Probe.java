package org.anabranch.sandbox.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures from outside, in the databases themselves, how long a row takes from its commit in the hub until it can be read in
 * another region.
 */
final class Probe implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Probe.class);

    private static final String WRITE = """
            INSERT INTO public.probe (id, token) VALUES (1, ?)
            ON CONFLICT (id) DO UPDATE SET token = EXCLUDED.token, written_at = now()""";
    private static final String READ = "SELECT token FROM public.probe WHERE id = 1";

    private static final int SAMPLES_MAX = 60;
    private static final long INTERVAL_NANOS = 1_000_000_000;
    private static final long LOOK_AGAIN_NANOS = 2_000_000;
    private static final long SEEN_NANOS_MAX = 10_000_000_000L;

    private final DemoPorts ports;
    private final List<String> spokes;
    private final Map<String, Connection> connections = new HashMap<>();
    private final Map<String, Deque<Double>> samples = new HashMap<>();
    private final Thread thread;
    private volatile boolean ending;

    Probe(DemoPorts ports, List<String> spokes) {
        this.ports = ports;
        this.spokes = List.copyOf(spokes);
        this.thread = Thread.ofPlatform().name("demo probe").daemon().unstarted(this::keepMeasuring);
    }

    void start() {
        thread.start();
    }

    /** The median of the last minute in milliseconds; empty if nothing was seen yet. */
    OptionalDouble medianMillis(String region) {
        synchronized (samples) {
            List<Double> sorted = samples.getOrDefault(region, new ArrayDeque<>()).stream()
                    .sorted()
                    .toList();
            return sorted.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(sorted.get(sorted.size() / 2));
        }
    }

    /**
     * Writes a row in the hub and looks for it in the other regions, for ten seconds at most. Not while {@link #start() the
     * thread} runs.
     *
     * @return milliseconds until it was there, by region; regions where it was not seen are missing
     */
    Map<String, Double> measure() {
        Map<String, Double> seen = new TreeMap<>();
        long token = System.currentTimeMillis();
        long begun = write(token);
        if (begun == 0) {
            return seen;
        }
        while (!ending && seen.size() < spokes.size() && System.nanoTime() - begun < SEEN_NANOS_MAX) {
            for (String spoke : spokes) {
                if (!seen.containsKey(spoke) && read(spoke) >= token) {
                    seen.put(spoke, (System.nanoTime() - begun) / 1e6);
                }
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
        return seen;
    }

    private void keepMeasuring() {
        while (!ending) {
            measure().forEach(this::add);
            if (!ending) {
                LockSupport.parkNanos(INTERVAL_NANOS);
            }
        }
    }

    private void add(String region, double millis) {
        synchronized (samples) {
            Deque<Double> kept = samples.computeIfAbsent(region, name -> new ArrayDeque<>());
            kept.addLast(millis);
            if (kept.size() > SAMPLES_MAX) {
                kept.removeFirst();
            }
        }
    }

    /** When the statement that commits it began, so that what is measured is never too short; 0 if it could not be written. */
    private long write(long token) {
        try (PreparedStatement upsert = connection(DemoPorts.REGIONS.getFirst()).prepareStatement(WRITE)) {
            upsert.setLong(1, token);
            long begun = System.nanoTime();
            upsert.executeUpdate();
            return begun;
        } catch (SQLException e) {
            drop(DemoPorts.REGIONS.getFirst(), e);
            return 0;
        }
    }

    private long read(String region) {
        try (PreparedStatement select = connection(region).prepareStatement(READ);
                ResultSet rows = select.executeQuery()) {
            return rows.next() ? rows.getLong(1) : 0;
        } catch (SQLException e) {
            drop(region, e);
            LockSupport.parkNanos(INTERVAL_NANOS / 2);
            return 0;
        }
    }

    private Connection connection(String region) throws SQLException {
        @Nullable Connection known = connections.get(region);
        if (known == null) {
            known = ShopDatabase.connect(ports.jdbcUrl(region));
            connections.put(region, known);
        }
        return known;
    }

    private void drop(String region, SQLException cause) {
        LOG.atDebug().addKeyValue("region", region).setCause(cause).log("cannot be probed");
        @Nullable Connection broken = connections.remove(region);
        try {
            if (broken != null) {
                broken.close();
            }
        } catch (SQLException e) {
            LOG.atDebug().addKeyValue("region", region).setCause(e).log("closed badly");
        }
    }

    @Override
    public void close() {
        ending = true;
        Threads.awaitEnd(thread);
    }
}
