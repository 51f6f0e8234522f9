package org.anabranch.replicator;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.anabranch.schemas.DamagedEntryException;
import org.anabranch.schemas.Part;
import org.anabranch.schemas.PartReport;
import org.anabranch.schemas.PartState;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the changes of all origins into what the applier is to do. Changes to tables with one writer cannot conflict and pass
 * through untouched, in order, partition to partition. At least once: it may repeat itself after a crash, and passes repeats
 * on, because a repeat that it dropped could be one whose answer never reached the resolved topic.
 */
public final class Resolver implements Part {

    private static final Logger LOG = LoggerFactory.getLogger(Resolver.class);

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final int ANSWER_SECONDS_MAX = 3;
    private static final Duration CLOSE_MAX = Duration.ofSeconds(5);

    private final ResolverSettings settings;
    private final CountDownLatch stop = new CountDownLatch(1);

    public Resolver(ResolverSettings settings) {
        this.settings = settings;
    }

    @Override
    public String name() {
        return "resolver";
    }

    @Override
    public void run(PartReport report) throws Exception {
        report.state(PartState.STARTING, "joining " + settings.applicationId());
        try (Admin admin = OwnTopics.admin(settings.kafka())) {
            new ResolverStart(settings).prepare(admin);
            resolve(report, admin);
        }
    }

    private void resolve(PartReport report, Admin admin) throws IOException, InterruptedException {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        CountDownLatch ended = new CountDownLatch(1);
        KafkaStreams streams = new KafkaStreams(
                ResolverTopology.of(settings),
                ResolverTopology.properties(settings, NodeName.of(settings.stateDirectory())),
                ResolverTopology.clients());
        try {
            streams.setUncaughtExceptionHandler(e -> {
                failure.compareAndSet(null, e);
                ended.countDown();
                return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
            });
            streams.start();
            while (!stop.await(LOOK.toMillis(), TimeUnit.MILLISECONDS) && ended.getCount() > 0) {
                show(streams.state(), isThere(admin), report);
            }
        } finally {
            streams.close(CLOSE_MAX); // the plain close would wait without a bound for a broker that is away
        }
        Throwable thrown = failure.get();
        if (isDamage(thrown)) {
            LOG.atWarn()
                    .addKeyValue("region", settings.region())
                    .log("the resolver's store is built again from its changelog: {}", String.valueOf(thrown));
            streams.cleanUp();
        }
        if (thrown != null && stop.getCount() > 0) {
            throw new IOException("Kafka Streams ended: " + thrown.getMessage(), thrown);
        }
    }

    /**
     * Something of the store is older than the rest, as after a crash. Streams could build it again by itself (its
     * TaskCorruptedException); but a task of Kafka 4.3 that does so remembers how far it had read, and may store that before it has read
     * so far again, so that what is between is passed over at the next start.
     */
    private static boolean isDamage(@Nullable Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof DamagedEntryException) {
                return true;
            }
        }
        return false;
    }

    /** Streams keeps silent about a cluster that is away. */
    private static boolean isThere(Admin admin) throws InterruptedException {
        try {
            admin.describeCluster().nodes().get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    private void show(KafkaStreams.State state, boolean clusterIsThere, PartReport report) {
        if (!clusterIsThere) {
            report.state(PartState.WAITING, "Kafka at " + KafkaSettings.place(settings.kafka()) + " does not answer");
            return;
        }
        switch (state) {
            case RUNNING ->
                report.state(PartState.RUNNING, "passing on changes of " + String.join(", ", settings.origins()));
            case CREATED, REBALANCING -> report.state(PartState.STARTING, "being assigned its partitions");
            case PENDING_SHUTDOWN, PENDING_ERROR, ERROR, NOT_RUNNING ->
                report.state(PartState.WAITING, "Kafka Streams is " + state);
        }
    }

    @Override
    public void stop() {
        stop.countDown();
    }
}
