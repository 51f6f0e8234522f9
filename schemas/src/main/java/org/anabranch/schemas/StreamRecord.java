package org.anabranch.schemas;

/** What stands in a changes topic, and in the resolver's output. */
public sealed interface StreamRecord permits Change, EpochMarker {

    /** The region in which it was committed. */
    String origin();

    /** The hybrid time of its transaction, in microseconds. */
    long hybridMicros();

    /** Its place in the transaction. */
    int number();
}
