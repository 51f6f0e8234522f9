package org.anabranch.replicator;

import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.anabranch.schemas.Part;
import org.anabranch.schemas.PartReport;
import org.anabranch.schemas.PartState;
import org.jspecify.annotations.Nullable;

/**
 * Copies the changes of its origins, their schemas, and the statuses of regions from the peer's cluster into the region's own: to
 * the same topic and partition, bytes untouched, in order. At least once: where it goes on after a crash is stored in the
 * peer's cluster, and only when the own one has acknowledged the copies; what it copies twice, the applier drops.
 */
public final class Link implements Part {

    private final LinkSettings settings;
    private final InstantSource clock;
    private final Map<String, Long> untilMicros = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable LinkRun> running = new AtomicReference<>();
    private volatile boolean stopping;

    /** @param clock of this region, which stamps of others must not be far ahead of */
    public Link(LinkSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "link from " + settings.peer();
    }

    @Override
    public void run(PartReport report) throws Exception {
        report.state(PartState.STARTING, "looking for the topics of " + settings.peer());
        try (LinkRun run = new LinkRun(settings, clock, report, untilMicros)) {
            running.set(run);
            if (!stopping) {
                run.copy();
            }
        } finally {
            running.set(null);
        }
    }

    /**
     * By origin up to which moment everything is here, by the clock of the origin's node. Any thread may ask; does not block. What an
     * earlier node of the region copied is not known.
     */
    public Map<String, Long> untilMicros() {
        return Map.copyOf(untilMicros);
    }

    @Override
    public void stop() {
        stopping = true;
        LinkRun run = running.get();
        if (run != null) {
            run.stop();
        }
    }
}
