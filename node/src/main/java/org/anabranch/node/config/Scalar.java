package org.anabranch.node.config;

import org.jspecify.annotations.Nullable;

/**
 * A text of the file, its placeholder resolved.
 *
 * @param value the text
 * @param placeholder as it stands in the file, or null where the text itself does
 * @param at where it stands
 */
record Scalar(String value, @Nullable String placeholder, Position at) {

    private static final int SHOWN_CHARACTERS_MAX = 80;

    /** For messages: what the file says, not what a placeholder stands for. */
    String shown() {
        return shorten(placeholder == null ? value : placeholder);
    }

    boolean isPlaceholder() {
        return placeholder != null;
    }

    static String shorten(String text) {
        String oneLine = text.replaceAll("\\p{Cntrl}", " ");
        return oneLine.length() <= SHOWN_CHARACTERS_MAX ? oneLine : oneLine.substring(0, SHOWN_CHARACTERS_MAX) + "...";
    }

    @Override
    public String toString() {
        return "Scalar[" + at + "]";
    }
}
