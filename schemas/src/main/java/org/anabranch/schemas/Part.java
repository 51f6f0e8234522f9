package org.anabranch.schemas;

/**
 * A long-running piece of a region: capture, a link, the resolver, the applier. A supervisor calls {@link #run} on a thread of
 * its own, calls it again with a growing pause after it threw, and shows what it reports.
 */
public interface Part {

    /** Unique in the region, for people: "capture", "link from hub", "applier". */
    String name();

    /**
     * Works until {@link #stop} is called, then commits or drops what is in flight and returns. Everything that it opened is
     * closed when it returns or throws, so that it can be run again.
     *
     * @throws PartFailedException where going on could lose something or cannot help: shown as FAILED
     * @throws Exception anything else is taken as a fault that may heal: shown as WAITING, and run again
     */
    void run(PartReport report) throws Exception;

    /** Asks {@link #run} to return; from any thread, any number of times, before or after it. Does not block. */
    void stop();
}
