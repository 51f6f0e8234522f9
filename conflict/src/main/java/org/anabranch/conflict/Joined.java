package org.anabranch.conflict;

import java.util.Objects;
import java.util.Optional;
import org.anabranch.conflict.CellParts.RegisterParts;

/**
 * The writes of which none has seen another, and what a {@link ColumnPolicy} makes of them when they are read. A region's later
 * write has seen its earlier ones, so there is one for each region at most, and all of them are kept: merging never asks
 * the policy, and cannot go wrong with it.
 */
record Joined(ColumnPolicy policy, Register writes) implements Cell {

    /** Of a value, in a message. */
    private static final int CHARACTERS_SHOWN_MAX = 200;

    @Override
    public Joined merge(Cell other) {
        return new Joined(policy, writes.merge(((Joined) other).writes));
    }

    @Override
    public Joined settle(Context stable, long pastMicros) {
        return new Joined(policy, writes.settle(stable, write -> true));
    }

    @Override
    public boolean isComplete() {
        return true;
    }

    @Override
    public Optional<Values> read() {
        String joined = null;
        for (Write write : writes.writes()) {
            String value = Objects.requireNonNull(write.values()).get(0);
            if (joined == null) {
                joined = value;
            } else if (value != null && !value.equals(joined)) {
                joined = join(joined, value);
            }
        }
        return Optional.of(Values.of(joined));
    }

    private String join(String one, String other) {
        String joined;
        try {
            joined = policy.merge(one, other);
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            throw new UnmergeableException(failed(one, other) + e, e);
        }
        if (joined == null) {
            throw new UnmergeableException(failed(one, other) + "it gave null");
        }
        return joined;
    }

    private String failed(String one, String other) {
        return "the policy " + policy.name() + " cannot merge '" + shown(one) + "' and '" + shown(other) + "': ";
    }

    private static String shown(String value) {
        return value.length() <= CHARACTERS_SHOWN_MAX
                ? value
                : value.substring(0, value.offsetByCodePoints(0, CHARACTERS_SHOWN_MAX / 2)) + "...";
    }

    @Override
    public RegisterParts parts() {
        return writes.parts();
    }
}
