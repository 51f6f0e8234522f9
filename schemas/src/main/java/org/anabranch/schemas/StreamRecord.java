package org.anabranch.schemas;

/** What stands in a changes topic, and in the resolver's output. */
public sealed interface StreamRecord permits Bundle, EpochMarker {}
