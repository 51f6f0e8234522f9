package org.anabranch.node.region;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.anabranch.capture.SlotMonitor;
import org.anabranch.schemas.RegionStatus.DiskStatus;
import org.anabranch.schemas.RegionStatus.SlotStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks now and then at what can run full in a region's servers: the slot's WAL, the brokers' disks. */
final class ServerMonitor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ServerMonitor.class);

    private static final Duration SLOT_INTERVAL = Duration.ofSeconds(2);
    private static final Duration DISKS_INTERVAL = Duration.ofSeconds(10);
    private static final Duration STOP_MAX = Duration.ofSeconds(2);

    private final @Nullable SlotMonitor slot;
    private final BrokerDisks disks;
    private final ScheduledExecutorService timer;

    /** @param slot null where nothing is captured */
    ServerMonitor(String region, @Nullable SlotMonitor slot, BrokerDisks disks) {
        this.slot = slot;
        this.disks = disks;
        timer = Executors.newScheduledThreadPool(
                2,
                Thread.ofPlatform()
                        .name("anabranch " + region + " monitor ", 0)
                        .daemon()
                        .factory());
    }

    void start() {
        if (slot != null) {
            every(SLOT_INTERVAL, slot::look);
        }
        every(DISKS_INTERVAL, disks::look);
    }

    private void every(Duration interval, Runnable look) {
        Runnable safely = () -> {
            try {
                look.run();
            } catch (RuntimeException e) {
                LOG.warn("A look at the servers failed error={}", e.toString(), e);
            }
        };
        var unused = timer.scheduleWithFixedDelay(safely, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Nullable
    SlotStatus slot() {
        return slot == null ? null : slot.status().orElse(null);
    }

    List<DiskStatus> disks() {
        return disks.disks();
    }

    @Override
    public void close() {
        timer.shutdownNow();
        try {
            if (!timer.awaitTermination(STOP_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("A look at the servers has not ended yet");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (slot != null) {
            slot.close();
        }
        disks.close();
    }
}
