package org.anabranch.schemas;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values of a row in the order of its schema's columns, each PostgreSQL's own text, SQL null, or <em>unchanged</em>: a
 * hole for a value that did not travel (an unchanged TOASTed value; a column beside the key in the old row).
 *
 * <p>Holds the array that it is given and never changes it.
 */
public final class Row {

    /** Stands for a value that did not travel; told from a text of the same letters by identity. */
    @SuppressWarnings("StringOperationCanBeSimplified") // an identity of its own is what it is for
    public static final String UNCHANGED = new String("<unchanged>");

    private final @Nullable String[] texts;

    private Row(@Nullable String[] texts) {
        this.texts = texts;
    }

    /** @param texts texts, nulls, and {@link #UNCHANGED} itself; not copied */
    public static Row of(@Nullable String... texts) {
        return new Row(texts);
    }

    public int size() {
        return texts.length;
    }

    /** The text, null for SQL null, or {@link #UNCHANGED}, to be compared with {@link #isUnchanged}. */
    public @Nullable String text(int column) {
        return texts[column];
    }

    @SuppressWarnings("ReferenceEquality")
    public boolean isUnchanged(int column) {
        return texts[column] == UNCHANGED;
    }

    /** Whether any value did not travel. */
    public boolean hasHoles() {
        for (int i = 0; i < texts.length; i++) {
            if (isUnchanged(i)) {
                return true;
            }
        }
        return false;
    }

    /** This row with its holes filled from an older state of the same row (which may leave holes itself). */
    public Row over(Row older) {
        if (!hasHoles()) {
            return this;
        }
        @Nullable String[] filled = texts.clone();
        for (int i = 0; i < filled.length; i++) {
            if (isUnchanged(i)) {
                filled[i] = older.texts[i];
            }
        }
        return new Row(filled);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Row row) || row.texts.length != texts.length) {
            return false;
        }
        for (int i = 0; i < texts.length; i++) {
            if (isUnchanged(i) != row.isUnchanged(i)) {
                return false;
            }
        }
        return Arrays.equals(texts, row.texts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(texts);
    }

    @Override
    public String toString() {
        List<@Nullable String> values = Collections.unmodifiableList(Arrays.asList(texts));
        return values.toString();
    }
}
