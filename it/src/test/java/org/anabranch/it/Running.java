package org.anabranch.it;

import static org.awaitility.Awaitility.await;

import org.anabranch.capture.Capture;
import org.anabranch.capture.CaptureSettings;
import org.anabranch.schemas.PartState;
import org.anabranch.schemas.RegionStatus.CopyStatus;

/** A capture that runs in a thread of the test, and shows what it reports. */
final class Running implements AutoCloseable {

    private final Capture capture;
    private final Thread thread;
    private volatile PartState state = PartState.STARTING;
    private volatile Throwable failure;

    private Running(CaptureSettings settings) {
        capture = new Capture(settings);
        thread = Thread.ofPlatform().name("test capture").unstarted(() -> {
            try {
                capture.run((newState, detail) -> state = newState);
            } catch (Throwable e) {
                failure = e;
            }
        });
    }

    static Running start(CaptureSettings settings) {
        Running running = new Running(settings);
        running.thread.start();
        return running;
    }

    void awaitCopied() {
        await().atMost(Tables.PATIENCE).until(() -> {
            if (failure != null) {
                throw new AssertionError("capture ended", failure);
            }
            return state == PartState.RUNNING && capture.copies().stream().allMatch(CopyStatus::done);
        });
    }

    long copiedRows() {
        return capture.copies().stream().mapToLong(CopyStatus::rowsCopied).sum();
    }

    Throwable awaitFailure() {
        await().atMost(Tables.PATIENCE).until(() -> failure != null);
        return failure;
    }

    @Override
    public void close() throws InterruptedException {
        capture.stop();
        if (!thread.join(Tables.PATIENCE)) {
            throw new AssertionError("capture does not stop: " + java.util.Arrays.toString(thread.getStackTrace()));
        }
    }
}
