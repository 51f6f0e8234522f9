package org.anabranch.replicator;

import org.jspecify.annotations.Nullable;

/** A record with the partition that it came from: it leaves by the same one, whatever its key is. */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record Routed(byte @Nullable [] value, int partition) {}
