package org.anabranch.conflict;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * For each origin, the stamp up to which all its changes are known somewhere: to the writer of a change, or to a state that
 * has merged them. A version vector (Parker et al., 1983) of stamps. An origin that is not named is known up to nothing. Immutable.
 */
public final class Context {

    /** Nothing is known. */
    public static final Context NOTHING = new Context();

    /** One of each origin, in the order of the origins. They are few: looking through them is faster than any map. */
    private final Stamp[] stamps;

    private Context(Stamp... stamps) {
        this.stamps = stamps;
    }

    /** Everything up to each of these stamps, of its origin. */
    public static Context of(Collection<Stamp> stamps) {
        TreeMap<String, Stamp> newest = new TreeMap<>();
        stamps.forEach(stamp -> newest.merge(stamp.origin(), stamp, Context::later));
        return new Context(newest.values().toArray(Stamp[]::new));
    }

    public static Context of(Stamp... stamps) {
        return stamps.length == 1 ? new Context(stamps[0]) : of(List.of(stamps));
    }

    public boolean covers(Stamp stamp) {
        Stamp until = newest(stamp.origin());
        return until != null && until.compareTo(stamp) >= 0;
    }

    /** Whether it covers all that the other covers. */
    public boolean covers(Context other) {
        for (Stamp stamp : other.stamps) {
            if (!covers(stamp)) {
                return false;
            }
        }
        return true;
    }

    /** What either covers. */
    public Context join(Context other) {
        if (covers(other)) {
            return this;
        }
        if (other.covers(this)) {
            return other;
        }
        Stamp[] joined = new Stamp[stamps.length + other.stamps.length];
        int size = 0;
        int here = 0;
        int there = 0;
        while (here < stamps.length && there < other.stamps.length) {
            int order = stamps[here].origin().compareTo(other.stamps[there].origin());
            if (order == 0) {
                joined[size++] = later(stamps[here++], other.stamps[there++]);
            } else {
                joined[size++] = order < 0 ? stamps[here++] : other.stamps[there++];
            }
        }
        while (here < stamps.length) {
            joined[size++] = stamps[here++];
        }
        while (there < other.stamps.length) {
            joined[size++] = other.stamps[there++];
        }
        return new Context(Arrays.copyOf(joined, size));
    }

    /** What both cover. */
    public Context meet(Context other) {
        return new Context(Arrays.stream(stamps)
                .filter(stamp -> other.newest(stamp.origin()) != null)
                .map(stamp -> other.covers(stamp) ? stamp : other.newest(stamp.origin()))
                .toArray(Stamp[]::new));
    }

    public Context with(Stamp stamp) {
        return covers(stamp) ? this : join(new Context(stamp));
    }

    /** Only what the other does not cover. */
    public Context without(Context other) {
        int left = 0;
        for (Stamp stamp : stamps) {
            left += other.covers(stamp) ? 0 : 1;
        }
        if (left == stamps.length) {
            return this;
        }
        if (left == 0) {
            return NOTHING;
        }
        Stamp[] uncovered = new Stamp[left];
        int size = 0;
        for (Stamp stamp : stamps) {
            if (!other.covers(stamp)) {
                uncovered[size++] = stamp;
            }
        }
        return new Context(uncovered);
    }

    /** The newest stamp of an origin that is covered; null if nothing of it is. */
    @Nullable
    public Stamp newest(String origin) {
        for (Stamp stamp : stamps) {
            if (stamp.origin().equals(origin)) {
                return stamp;
            }
        }
        return null;
    }

    /** The latest of its stamps; null if it covers nothing. */
    @Nullable
    public Stamp latest() {
        return Arrays.stream(stamps).reduce(Context::later).orElse(null);
    }

    /** The newest of each origin, in the order of the origins. */
    public List<Stamp> stamps() {
        return List.of(stamps);
    }

    private static Stamp later(Stamp one, Stamp other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Context context && Arrays.equals(stamps, context.stamps);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(stamps);
    }

    @Override
    public String toString() {
        return Arrays.toString(stamps);
    }
}
