package org.anabranch.conflict;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * For each origin, the stamp up to which all its changes are known somewhere: to the writer of a change, or to a state that
 * has merged them. A version vector (Parker et al., 1983) of stamps. An origin that is not named is known up to nothing. Immutable.
 */
public final class Context {

    /** Nothing is known. */
    public static final Context NOTHING = new Context(Collections.emptySortedMap());

    private final SortedMap<String, Stamp> newest;

    private Context(SortedMap<String, Stamp> newest) {
        this.newest = newest;
    }

    /** Everything up to each of these stamps, of its origin. */
    public static Context of(Collection<Stamp> stamps) {
        TreeMap<String, Stamp> newest = new TreeMap<>();
        stamps.forEach(stamp -> newest.merge(stamp.origin(), stamp, Context::later));
        return new Context(newest);
    }

    public static Context of(Stamp... stamps) {
        return of(List.of(stamps));
    }

    public boolean covers(Stamp stamp) {
        Stamp until = newest.get(stamp.origin());
        return until != null && until.compareTo(stamp) >= 0;
    }

    /** Whether it covers all that the other covers. */
    public boolean covers(Context other) {
        return other.newest.values().stream().allMatch(this::covers);
    }

    /** What either covers. */
    public Context join(Context other) {
        if (other.newest.isEmpty()) {
            return this;
        }
        TreeMap<String, Stamp> joined = new TreeMap<>(newest);
        other.newest.values().forEach(stamp -> joined.merge(stamp.origin(), stamp, Context::later));
        return new Context(joined);
    }

    /** What both cover. */
    public Context meet(Context other) {
        TreeMap<String, Stamp> met = new TreeMap<>();
        newest.forEach((origin, stamp) -> {
            Stamp theirs = other.newest.get(origin);
            if (theirs != null) {
                met.put(origin, stamp.compareTo(theirs) < 0 ? stamp : theirs);
            }
        });
        return new Context(met);
    }

    public Context with(Stamp stamp) {
        return covers(stamp) ? this : join(of(stamp));
    }

    /** Only what the other does not cover. */
    public Context without(Context other) {
        TreeMap<String, Stamp> left = new TreeMap<>(newest);
        left.values().removeIf(other::covers);
        return left.size() == newest.size() ? this : new Context(left);
    }

    /** The newest stamp of an origin that is covered; null if nothing of it is. */
    @Nullable
    public Stamp newest(String origin) {
        return newest.get(origin);
    }

    /** The latest of its stamps; null if it covers nothing. */
    @Nullable
    public Stamp latest() {
        return newest.values().stream().reduce(Context::later).orElse(null);
    }

    /** By origin. */
    public Map<String, Stamp> newest() {
        return Collections.unmodifiableMap(newest);
    }

    private static Stamp later(Stamp one, Stamp other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Context context && newest.equals(context.newest);
    }

    @Override
    public int hashCode() {
        return newest.hashCode();
    }

    @Override
    public String toString() {
        return newest.values().toString();
    }
}
