package org.anabranch.replicator;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Stamp;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.RowDigest;
import org.anabranch.schemas.Seen;

/** What the region's clients can see of other regions' changes, and what they will once a transaction is committed. */
final class Shown {

    private final String region;
    private final Map<RowDigest, Context> rows = new HashMap<>();
    private final Set<RowDigest> unwritten = new HashSet<>();
    private Context everywhere = Context.NOTHING;
    private Context said = Context.NOTHING;
    private long latestMicros;
    private boolean leavesRowsOut;

    Shown(String region) {
        this.region = region;
    }

    /** A merged row was written. */
    void written(PendingChange merge) {
        Change change = merge.change();
        applied(change);
        Context context = change.context();
        if (context != null) {
            RowDigest row = RowDigest.of(merge.key());
            unwritten.remove(row);
            if (rows.size() < Seen.ROWS_MAX) {
                rows.put(row, context.with(change.stamp()));
            } else {
                leavesRowsOut = true;
            }
            latestMicros = Math.max(latestMicros, latest(context));
        }
    }

    /** A merged row was not written: it shows no more than before. */
    void unwritten(PendingChange merge) {
        unwritten.add(RowDigest.of(merge.key()));
    }

    /** Any change was applied. */
    void applied(Change change) {
        latestMicros = Math.max(latestMicros, change.hybridMicros());
    }

    /** Whether a commit would show something that nothing was said of yet. */
    boolean isNews() {
        return latestMicros > 0;
    }

    /** Whether a commit will show rows of which nothing is said: more is to be said as soon as it is done. */
    boolean leavesRowsOut() {
        return leavesRowsOut;
    }

    /** Whether the region holds more of other regions than was said; of its own only, it would be said for ever. */
    boolean holdsMoreThanWasSaid() {
        return everywhere.stamps().stream().anyMatch(stamp -> !stamp.origin().equals(region) && !said.covers(stamp));
    }

    /**
     * To be said before the commit. A row that was written, and nothing that came for it after that was left, shows all
     * that the streams have brought of it.
     *
     * @param reached how far the streams will have been read
     */
    Seen seen(Progress reached) {
        Context read = Context.of(
                        reached.origins().stream().map(Progress.OfOrigin::until).toList())
                .without(everywhere);
        Map<RowDigest, Context> beyond = new HashMap<>();
        rows.forEach((row, context) -> {
            Context own = context.without(everywhere);
            beyond.put(row, unwritten.contains(row) ? own : read.join(own));
        });
        return new Seen(everywhere, beyond, Math.max(latestMicros, latest(everywhere.join(read))));
    }

    /** To be said after it. */
    Seen seen() {
        return new Seen(everywhere, Map.of(), latest(everywhere));
    }

    private static long latest(Context context) {
        Stamp latest = context.latest();
        return latest == null ? 0 : latest.hybridMicros();
    }

    void said(Seen seen) {
        said = seen.everywhere();
    }

    /**
     * A transaction is committed.
     *
     * @param holdsBack by origin the first change that is not shown all the same
     */
    void committed(Progress progress, Map<String, Stamp> holdsBack) {
        Map<String, Stamp> held = new TreeMap<>();
        for (Progress.OfOrigin origin : progress.origins()) {
            Stamp until = origin.until();
            Stamp first = holdsBack.get(origin.origin());
            if (first != null && first.compareTo(until) <= 0) {
                until = new Stamp(first.hybridMicros() - 1, Integer.MAX_VALUE, origin.origin());
            }
            held.put(origin.origin(), until);
        }
        everywhere = everywhere.join(Context.of(held.values()));
        forget();
    }

    /** A transaction is rolled back. */
    void forget() {
        rows.clear();
        unwritten.clear();
        latestMicros = 0;
        leavesRowsOut = false;
    }
}
