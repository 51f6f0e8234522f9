package org.anabranch.conflict.simulation;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** PostgreSQL's text of an array of plain words. */
final class Tags {

    private Tags() {}

    static List<String> parse(String text) {
        String words = text.substring(1, text.length() - 1).replace("\"", "");
        return words.isEmpty() ? List.of() : List.of(words.split(",", -1));
    }

    static String format(Collection<String> tags) {
        return tags.stream().map(tag -> '"' + tag + '"').collect(Collectors.joining(",", "{", "}"));
    }
}
