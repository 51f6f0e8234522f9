package org.anabranch.replicator;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.anabranch.schemas.Part;
import org.anabranch.schemas.PartReport;
import org.anabranch.schemas.PartState;
import org.jspecify.annotations.Nullable;

/**
 * Copies the changes of its origins, their schemas, and the peer's status from the peer's cluster into the region's own: to
 * the same topic and partition, bytes untouched, in order. At least once: where it goes on after a crash is stored in the
 * peer's cluster, and only when the own one has acknowledged the copies; what it copies twice, the applier drops.
 */
public final class Link implements Part {

    private final LinkSettings settings;
    private final InstantSource clock;
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
        try (LinkRun run = new LinkRun(settings, clock, report)) {
            running.set(run);
            if (!stopping) {
                run.copy();
            }
        } finally {
            running.set(null);
        }
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
