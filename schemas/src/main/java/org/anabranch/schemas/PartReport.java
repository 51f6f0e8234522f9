package org.anabranch.schemas;

/** Where a part says how it is. Calls are cheap and may be repeated. */
public interface PartReport {

    /**
     * @param state how it is
     * @param detail for people: what it does or waits for, and what to do about it; no secrets
     */
    void state(PartState state, String detail);
}
