package org.anabranch.conflict;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.anabranch.conflict.CellParts.RegisterParts;
import org.jspecify.annotations.Nullable;

/**
 * Holds what was written last: the one write that has seen all others, or those of which none has seen another, and then the
 * {@link Choice} says which is read. A multi-value register (Shapiro et al., 2011) with one version vector for all that it has
 * ever seen (Preguica et al., "Dotted Version Vectors", 2012), so that what was overwritten stays so, whatever comes again.
 */
public final class Register implements Cell {

    private final Choice choice;
    private final SortedMap<Stamp, Write> writes;
    private final Context seen;

    private Register(Choice choice, SortedMap<Stamp, Write> writes, Context seen) {
        this.choice = choice;
        this.writes = writes;
        this.seen = seen;
    }

    /** After one write. */
    static Register of(Choice choice, Write write) {
        TreeMap<Stamp, Write> one = new TreeMap<>();
        one.put(write.stamp(), write);
        return new Register(choice, one, write.context().with(write.stamp()));
    }

    static Register of(Choice choice, RegisterParts parts) {
        TreeMap<Stamp, Write> writes = new TreeMap<>();
        for (Write write : parts.writes()) {
            writes.put(write.stamp(), write);
        }
        return new Register(choice, writes, parts.seen());
    }

    @Override
    public RegisterParts parts() {
        return new RegisterParts(List.copyOf(writes.values()), seen);
    }

    @Override
    public Register merge(Cell cell) {
        Register other = (Register) cell;
        TreeMap<Stamp, Write> left = new TreeMap<>();
        keep(left, writes, other);
        keep(left, other.writes, this);
        return new Register(choice, left, seen.join(other.seen));
    }

    /** What the other has too, or has not seen yet. */
    private static void keep(SortedMap<Stamp, Write> left, SortedMap<Stamp, Write> writes, Register other) {
        writes.forEach((stamp, write) -> {
            if (other.writes.containsKey(stamp) || !other.seen.covers(stamp)) {
                left.put(stamp, write);
            }
        });
    }

    /** Of writes that every later one will overwrite only the one that is read is needed, and of it only the value. */
    @Override
    public Register settle(Context stable, long pastMicros) {
        return settle(stable, winner()::equals);
    }

    /** Where more than one of the writes may be read. */
    Register settle(Context stable, Predicate<Write> isRead) {
        TreeMap<Stamp, Write> left = new TreeMap<>();
        writes.forEach((stamp, write) -> {
            if (!stable.covers(stamp)) {
                left.put(stamp, new Write(stamp, write.context().without(stable), write.values()));
            } else if (isRead.test(write)) {
                left.put(stamp, new Write(stamp, Context.NOTHING, write.values()));
            }
        });
        return new Register(choice, left, seen.without(stable));
    }

    /** Whether every change that is still to come has seen all that it has. */
    boolean isSettled(Context stable) {
        return stable.covers(seen);
    }

    /** The write that is read. */
    Write winner() {
        Write winner = null;
        for (Write write : writes.values()) {
            winner = winner == null ? write : choice.winner(winner, write);
        }
        if (winner == null) {
            throw new IllegalStateException("a register without a write");
        }
        return winner;
    }

    /** All that it has ever seen, but for what is settled. */
    Context context() {
        return seen;
    }

    /** Those of which none has seen another. */
    Collection<Write> writes() {
        return writes.values();
    }

    boolean hasSeen(Stamp stamp) {
        return seen.covers(stamp);
    }

    @Override
    public Optional<Values> read() {
        return Optional.ofNullable(winner().values());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Register register && writes.equals(register.writes) && seen.equals(register.seen);
    }

    @Override
    public int hashCode() {
        return writes.hashCode() * 31 + seen.hashCode();
    }

    @Override
    public String toString() {
        return writes.values() + " of " + seen;
    }
}
