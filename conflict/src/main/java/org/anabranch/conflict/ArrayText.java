package org.anabranch.conflict;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PostgreSQL's text of arrays of one dimension: {@code {1,"two, three",NULL}}. */
final class ArrayText {

    private final String text;
    private final List<@Nullable String> elements = new ArrayList<>();
    private int at = 1;

    private ArrayText(String text) {
        this.text = text;
    }

    static List<@Nullable String> parse(String text) {
        if (text.length() < 2 || text.charAt(0) != '{' || !text.endsWith("}")) {
            throw new UnmergeableException("a set cannot be " + text + ": it is no array of one dimension");
        }
        ArrayText array = new ArrayText(text);
        array.readAll();
        return array.elements;
    }

    private void readAll() {
        while (at < text.length() - 1) {
            elements.add(text.charAt(at) == '"' ? quoted() : plain());
            at++; // the comma
        }
    }

    private String quoted() {
        StringBuilder element = new StringBuilder();
        for (at++; at < text.length() - 1 && text.charAt(at) != '"'; at++) {
            if (text.charAt(at) == '\\') {
                at++;
            }
            element.append(text.charAt(at));
        }
        at++;
        return element.toString();
    }

    private @Nullable String plain() {
        int from = at;
        while (at < text.length() - 1 && text.charAt(at) != ',') {
            if (text.charAt(at) == '{') {
                throw new UnmergeableException("a set cannot be " + text + ": it has several dimensions");
            }
            at++;
        }
        String element = text.substring(from, at);
        return element.equals("NULL") ? null : element;
    }

    static String format(List<@Nullable String> elements) {
        StringBuilder array = new StringBuilder("{");
        for (String element : elements) {
            if (array.length() > 1) {
                array.append(',');
            }
            if (element == null) {
                array.append("NULL");
            } else {
                array.append('"');
                array.append(element.replace("\\", "\\\\").replace("\"", "\\\""));
                array.append('"');
            }
        }
        return array.append('}').toString();
    }
}
