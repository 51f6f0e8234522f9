package org.anabranch.sandbox.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.anabranch.sandbox.SandboxException;
import org.anabranch.sandbox.SandboxProcess;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts again what has ended by itself, or was killed by somebody who wants to see what happens then. */
final class Keeper {

    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);

    /** Long enough that a Ctrl-C, which reaches the children too, is not taken for the end of a child. */
    static final Duration PAUSE = Duration.ofSeconds(2);

    static final int FAILED_STARTS_MAX = 5;

    private final List<Kept> processes = new ArrayList<>();
    private final BooleanSupplier ending;
    private final LongSupplier nanoClock;

    /** @param ending whether the demo itself is ending: nothing is started any more */
    Keeper(List<? extends SandboxProcess> processes, BooleanSupplier ending, LongSupplier nanoClock) {
        processes.forEach(process -> this.processes.add(new Kept(process)));
        this.ending = ending;
        this.nanoClock = nanoClock;
    }

    /** To be called again and again, from one thread. Does not block. */
    void check() {
        processes.forEach(this::check);
    }

    /** What is not running and why, empty if everything runs. */
    String trouble() {
        return processes.stream()
                .map(kept -> kept.trouble)
                .filter(trouble -> !trouble.isEmpty())
                .findFirst()
                .orElse("");
    }

    private void check(Kept kept) {
        @Nullable Thread start = kept.start;
        if (start != null && start.isAlive()) {
            return;
        }
        if (kept.process.isAlive()) {
            kept.deadSince = null;
            kept.trouble = "";
            return;
        }
        if (kept.failedStarts.get() >= FAILED_STARTS_MAX) {
            return;
        }
        long now = nanoClock.getAsLong();
        if (kept.deadSince == null) {
            kept.deadSince = now;
            kept.trouble = kept.process.name() + " has ended, and is started again in a moment";
        } else if (now - kept.deadSince > PAUSE.toNanos() && !ending.getAsBoolean()) {
            kept.deadSince = null;
            kept.start = Thread.ofVirtual().name("demo keeper").start(() -> startAgain(kept));
        }
    }

    private void startAgain(Kept kept) {
        kept.trouble = kept.process.name() + " is starting again";
        LOG.atWarn().addKeyValue("what", kept.process.name()).log("started again, because it had ended");
        try {
            kept.process.kill();
            kept.process.start();
            kept.failedStarts.set(0);
        } catch (SandboxException e) {
            if (!ending.getAsBoolean()) {
                kept.failedStarts.incrementAndGet();
                LOG.atError().setCause(e).log("could not be started again");
                kept.trouble = kept.process.name() + " does not start again; its log is " + kept.process.logFile();
            }
        }
    }

    private static final class Kept {
        private final SandboxProcess process;
        private @Nullable Long deadSince;
        private @Nullable Thread start;
        private final AtomicInteger failedStarts = new AtomicInteger();
        private volatile String trouble = "";

        private Kept(SandboxProcess process) {
            this.process = process;
        }
    }
}
