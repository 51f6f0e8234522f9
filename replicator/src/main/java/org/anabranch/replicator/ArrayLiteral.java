package org.anabranch.replicator;

import org.jspecify.annotations.Nullable;

/**
 * The text of a one-dimensional PostgreSQL array. Cast to an array type, each element goes through the element type's input
 * function, as it would in COPY; a cast from text would not, for the few types that have one of their own.
 */
final class ArrayLiteral {

    private final StringBuilder text;
    private final char delimiter;

    /**
     * @param delimiter what the element type wants between elements: a semicolon for box, a comma for all others
     * @param elementsExpected for the buffer's first size
     */
    ArrayLiteral(char delimiter, int elementsExpected) {
        this.delimiter = delimiter;
        text = new StringBuilder(16 * elementsExpected + 2);
        text.append('{');
    }

    void add(@Nullable String element) {
        if (text.length() > 1) {
            text.append(delimiter);
        }
        if (element == null) {
            text.append("NULL");
        } else if (isPlain(element)) {
            text.append(element);
        } else {
            addQuoted(element);
        }
    }

    /** Most are: without quotes there is less to write here, and to read there. */
    private static boolean isPlain(String element) {
        for (int i = 0; i < element.length(); i++) {
            char c = element.charAt(i);
            boolean isPlain = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '.' || c == ':';
            if (!isPlain) {
                return false;
            }
        }
        return !element.isEmpty() && !element.equals("null"); // which is no text without quotes, in any case
    }

    private void addQuoted(String element) {
        text.append('"');
        int from = 0;
        for (int i = 0; i < element.length(); i++) {
            char c = element.charAt(i);
            if (c == '"' || c == '\\') {
                text.append(element, from, i).append('\\');
                from = i;
            }
        }
        text.append(element, from, element.length()).append('"');
    }

    /** Ends it. */
    String close() {
        return text.append('}').toString();
    }
}
