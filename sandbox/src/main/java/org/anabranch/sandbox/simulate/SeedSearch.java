package org.anabranch.sandbox.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/** Looks for seeds that fail, on all cores, from 0 on: the same ones on every machine. */
final class SeedSearch {

    private static final long PROGRESS_SECONDS = 5;

    private final long seeds;
    private final int enough;
    private final LongPredicate fails;
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final NavigableSet<Long> failing = new ConcurrentSkipListSet<>();
    private final long began = System.nanoTime();

    /**
     * @param seeds how many to run
     * @param enough how many failing ones end the search
     */
    SeedSearch(long seeds, int enough, LongPredicate fails) {
        this.seeds = seeds;
        this.enough = enough;
        this.fails = fails;
    }

    /**
     * The first that fail, in their order; empty if none does.
     *
     * @param progress takes a line every few seconds
     */
    List<Long> run(Consumer<String> progress) throws InterruptedException {
        int cores = Runtime.getRuntime().availableProcessors();
        try (ExecutorService threads = Executors.newFixedThreadPool(cores)) {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < cores; i++) {
                workers.add(threads.submit(this::work));
            }
            try {
                for (Future<?> worker : workers) {
                    await(worker, progress);
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException("a simulation could not be run: " + e.getCause(), e.getCause());
            } finally {
                next.set(seeds); // the others end too, whatever has ended this one
            }
        }
        return failing.stream().limit(enough).toList();
    }

    /** Seeds are taken in order and each is finished, so those that are found are the first ones. */
    private void work() {
        while (failing.size() < enough) {
            long seed = next.getAndIncrement();
            if (seed >= seeds) {
                return;
            }
            if (fails.test(seed)) {
                failing.add(seed);
            }
            done.incrementAndGet();
        }
    }

    private void await(Future<?> worker, Consumer<String> progress) throws InterruptedException, ExecutionException {
        while (true) {
            try {
                worker.get(PROGRESS_SECONDS, TimeUnit.SECONDS);
                return;
            } catch (TimeoutException notYet) {
                long secondsLeft = Math.round((seeds - done()) * seconds() / Math.max(1, done()));
                progress.accept(
                        String.format("  %,d of %,d seeds, %s, %,d s left", done(), seeds, rate(), secondsLeft));
            }
        }
    }

    long done() {
        return done.get();
    }

    String rate() {
        return String.format("%,d seeds/s", Math.round(done() / seconds()));
    }

    double seconds() {
        return Math.max(1, System.nanoTime() - began) / 1e9;
    }
}
