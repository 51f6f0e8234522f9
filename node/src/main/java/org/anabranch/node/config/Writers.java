package org.anabranch.node.config;

/** Which regions write a table. */
public sealed interface Writers {

    /**
     * One region writes, all others only read.
     *
     * @param region the region that writes
     */
    record One(String region) implements Writers {}
}
