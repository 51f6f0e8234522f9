package org.anabranch.node.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.replicator.QuarantineStore.Detail;
import org.anabranch.replicator.QuarantineStore.Entry;
import org.anabranch.replicator.QuarantineStore.Outcome;
import org.jspecify.annotations.Nullable;

/** A change in quarantine for people, and for programs. */
final class QuarantineText {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int KEY_CHARACTERS_MAX = 40;
    private static final int ERROR_CHARACTERS_MAX = 100;
    private static final int VALUE_CHARACTERS_MAX = 1_000;

    private QuarantineText() {}

    static String line(String region, Entry entry) {
        return entry.id() + "  " + region + "  " + entry.table() + "  key " + shown(entry.key(), KEY_CHARACTERS_MAX)
                + "  "
                + entry.operation() + (entry.origin().isEmpty() ? "" : " of " + entry.origin()) + "  "
                + time(entry.at()) + "  " + shown(entry.error(), ERROR_CHARACTERS_MAX)
                + (entry.asked() == null ? "" : "  (" + entry.asked() + " is asked for)");
    }

    static List<String> lines(String region, Detail detail) {
        Entry entry = detail.entry();
        List<String> lines = new ArrayList<>();
        lines.add(entry.operation() + " of " + entry.table() + ", key " + shown(entry.key(), VALUE_CHARACTERS_MAX)
                + ", id " + entry.id() + " in " + region);
        if (entry.committedMicros() > 0) {
            lines.add("  written    in " + entry.origin() + " at "
                    + time(Instant.EPOCH.plus(entry.committedMicros(), ChronoUnit.MICROS)));
        }
        lines.add("  put aside  " + time(entry.at()));
        lines.add("  error      " + shown(entry.error(), VALUE_CHARACTERS_MAX));
        if (!detail.waitsFor().isEmpty()) {
            lines.add("  waits for  " + detail.waitsFor());
        }
        lines.add("  before     " + values(detail.before()));
        lines.add("  after      " + values(detail.after()));
        lines.add("  in table   "
                + (detail.standing() == null ? "no such row" : shown(detail.standing(), VALUE_CHARACTERS_MAX)));
        lines.add("");
        lines.addAll(advice(region, detail));
        return lines;
    }

    private static List<String> advice(String region, Detail detail) {
        Entry entry = detail.entry();
        List<String> lines = new ArrayList<>();
        lines.add(
                detail.waitsFor().isEmpty() || entry.operation().equals("MERGE")
                        ? meaning(entry)
                        : "It waits for an earlier change of its key: mend that one, and this follows it.");
        lines.add("  anabranch quarantine retry " + entry.id() + " --region " + region
                + "            when that is mended");
        lines.add("  anabranch quarantine discard " + entry.id() + " --region " + region
                + " --yes    to give it up for good");
        return lines;
    }

    /** What an error says of the table, by its SQLSTATE. */
    static String meaning(Entry entry) {
        String state = entry.error().length() > 5 && entry.error().charAt(5) == ':'
                ? entry.error().substring(0, 5)
                : "";
        if (entry.operation().equals("DISPLACED")) {
            return "Another row holds the same unique value. This one comes back by itself when there is room for it.";
        }
        if (entry.operation().equals("UNREADABLE")) {
            return "The record is damaged, or its schema has not come. If retry does not help, write the row again in its region.";
        }
        return switch (state) {
            case "23505" ->
                "Another row of the table holds the same unique value. Change or delete that row, then retry.";
            case "23514", "23502", "23P01" ->
                "The table has a constraint that the origin's has not. Drop or widen it, then retry.";
            case "42703", "42P01", "3F000" ->
                "The table or a column of it is missing. Make it as in the origin, then retry.";
            default ->
                state.startsWith("22")
                        ? "A value does not fit its column's type. Make the column as in the origin, then retry."
                        : "Mend what the error names, then retry.";
        };
    }

    static String outcome(String region, Outcome outcome, String done) {
        String answer = outcome.answer();
        if (outcome.isGone()) {
            return done;
        }
        if (answer != null) {
            return outcome.isAnswered()
                    ? "still refused: " + shown(answer, VALUE_CHARACTERS_MAX)
                    : "not yet, it is tried again: " + shown(answer, VALUE_CHARACTERS_MAX);
        }
        return outcome.isAnswered()
                ? "an earlier change of its key is still refused"
                : region + "'s node does not run, or applies a large transaction; it will be done when it can";
    }

    static String json(String region, Entry entry) {
        return write(document(region, entry));
    }

    static String json(String region, Detail detail) {
        Map<String, Object> document = document(region, detail.entry());
        document.put("before", detail.before());
        document.put("after", detail.after());
        String standing = detail.standing();
        try {
            document.put("standing", standing == null ? null : JSON.readTree(standing));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the database writes rows as JSON", e);
        }
        document.put("waitsFor", detail.waitsFor());
        return write(document);
    }

    private static Map<String, Object> document(String region, Entry entry) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("id", entry.id());
        document.put("region", region);
        document.put("table", entry.table().toString());
        document.put("key", entry.key());
        document.put("operation", entry.operation());
        document.put("origin", entry.origin());
        document.put("hybridMicros", entry.committedMicros());
        document.put("quarantinedAt", entry.at().toString());
        document.put("error", entry.error());
        document.put("asked", entry.asked());
        return document;
    }

    static String write(Map<String, Object> document) {
        try {
            return JSON.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers can be written as JSON", e);
        }
    }

    private static String values(@Nullable Map<String, @Nullable String> columns) {
        if (columns == null) {
            return "no row";
        }
        List<String> values = new ArrayList<>();
        columns.forEach((name, value) -> values.add(shown(name, KEY_CHARACTERS_MAX) + " = "
                + (value == null ? "NULL" : "'" + shown(value, VALUE_CHARACTERS_MAX) + "'")));
        return String.join(", ", values);
    }

    /** In one line, and without what a terminal would obey. */
    private static String shown(String text, int charactersMax) {
        String oneLine = text.replaceAll("\\p{Cntrl}", " ");
        return oneLine.length() <= charactersMax ? oneLine : oneLine.substring(0, charactersMax) + "...";
    }

    private static String time(Instant at) {
        return at.truncatedTo(ChronoUnit.MILLIS).toString().replace("T", " ").replace("Z", "");
    }
}
