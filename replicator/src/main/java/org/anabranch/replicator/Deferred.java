package org.anabranch.replicator;

import java.util.HashMap;
import java.util.Map;
import org.anabranch.conflict.Stamp;
import org.jspecify.annotations.Nullable;

/**
 * A merge that was not written, because the database held what its resolver had not seen. A newer merge of the row takes its
 * place; or, once the region's own changes have come through the resolver from beyond where the applier looked, there was nothing
 * unseen after all.
 *
 * @param merge what waits
 * @param lookedAt position in the region's WAL after which the row was not looked at
 * @param version of the row as it was then; null for none
 * @param holdsBack by origin the first change that is not shown because of this
 * @param sinceMillis when the row was deferred first, by the applier's clock
 */
record Deferred(
        PendingChange merge, long lookedAt, @Nullable String version, Map<String, Stamp> holdsBack, long sinceMillis) {

    Deferred {
        holdsBack = Map.copyOf(holdsBack);
    }

    /** What both hold back. */
    static Map<String, Stamp> join(Map<String, Stamp> one, Map<String, Stamp> other) {
        Map<String, Stamp> joined = new HashMap<>(one);
        other.forEach((origin, stamp) -> joined.merge(origin, stamp, (a, b) -> a.compareTo(b) < 0 ? a : b));
        return joined;
    }
}
