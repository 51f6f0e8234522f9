package org.anabranch.conflict;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.anabranch.conflict.CellParts.RegisterParts;
import org.jspecify.annotations.Nullable;

/**
 * Holds what was written last: the one write that has seen all others, or those of which none has seen another, and then the
 * {@link Choice} says which is read. A multi-value register (Shapiro et al., 2011) with one version vector for all that it has
 * ever seen (Preguica et al., "Dotted Version Vectors", 2012), so that what was overwritten stays so, whatever comes again.
 */
public final class Register implements Cell {

    private static final Comparator<Write> BY_STAMP = Comparator.comparing(Write::stamp);

    private final Choice choice;
    private final List<Write> writes;
    private final Context seen;

    /** @param writes in the order of their stamps */
    private Register(Choice choice, List<Write> writes, Context seen) {
        this.choice = choice;
        this.writes = List.copyOf(writes);
        this.seen = seen;
    }

    /** After one write. */
    static Register of(Choice choice, Write write) {
        return new Register(choice, List.of(write), write.context().with(write.stamp()));
    }

    static Register of(Choice choice, RegisterParts parts) {
        return new Register(choice, sorted(parts.writes()), parts.seen());
    }

    private static List<Write> sorted(List<Write> writes) {
        return writes.size() == 1 ? writes : writes.stream().sorted(BY_STAMP).toList();
    }

    @Override
    public RegisterParts parts() {
        return new RegisterParts(writes, seen);
    }

    @Override
    public Register merge(Cell cell) {
        Register other = (Register) cell;
        List<Write> left = new ArrayList<>();
        for (Write write : writes) { // what the other has too, or has not seen yet
            if (other.has(write.stamp()) || !other.hasSeen(write.stamp())) {
                left.add(write);
            }
        }
        for (Write write : other.writes) {
            if (!has(write.stamp()) && !hasSeen(write.stamp())) {
                left.add(write);
            }
        }
        return new Register(choice, sorted(left), seen.join(other.seen));
    }

    private boolean has(Stamp stamp) {
        for (Write write : writes) {
            if (write.stamp().equals(stamp)) {
                return true;
            }
        }
        return false;
    }

    /** Of writes that every later one will overwrite only the one that is read is needed, and of it only the value. */
    @Override
    public Register settle(Context stable, long pastMicros) {
        return settle(stable, winner()::equals);
    }

    /** Where more than one of the writes may be read. */
    Register settle(Context stable, Predicate<Write> isRead) {
        List<Write> left = new ArrayList<>(writes.size());
        for (Write write : writes) {
            if (!stable.covers(write.stamp())) {
                left.add(new Write(write.stamp(), write.context().without(stable), write.values()));
            } else if (isRead.test(write)) {
                left.add(new Write(write.stamp(), Context.NOTHING, write.values()));
            }
        }
        return new Register(choice, left, seen.without(stable));
    }

    /** Whether every change that is still to come has seen all that it has. */
    boolean isSettled(Context stable) {
        return stable.covers(seen);
    }

    /** The write that is read. */
    Write winner() {
        Write winner = null;
        for (Write write : writes) {
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
        return writes;
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
        return writes + " of " + seen;
    }
}
