package org.anabranch.conflict;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Column values as PostgreSQL's text, null for SQL's NULL. Immutable. */
public final class Values {

    private final @Nullable String[] texts;

    private Values(@Nullable String[] texts) {
        this.texts = texts;
    }

    public static Values of(@Nullable String... texts) {
        return new Values(texts.clone());
    }

    public int size() {
        return texts.length;
    }

    @Nullable
    public String get(int column) {
        return texts[column];
    }

    /** Of these columns, in this order. */
    public Values select(int... columns) {
        @Nullable String[] selected = new @Nullable String[columns.length];
        for (int i = 0; i < columns.length; i++) {
            selected[i] = texts[columns[i]];
        }
        return new Values(selected);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Values values && Arrays.equals(texts, values.texts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(texts);
    }

    @Override
    public String toString() {
        return Arrays.toString(texts);
    }
}
