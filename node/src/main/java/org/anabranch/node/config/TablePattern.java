package org.anabranch.node.config;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A table's name, or a glob over names: {@code public.customers}, {@code sales.order_*}, {@code public."Mixed Case"}.
 *
 * <p>Names are read as PostgreSQL reads them: what is not in double quotes is folded to lower case, what is in double
 * quotes is taken as it is, with {@code ""} for a quote. {@code *} outside of quotes stands for any characters, {@code ?}
 * for one. No glob matches PostgreSQL's own schemas or Anabranch's.
 */
public final class TablePattern {

    /** PostgreSQL cuts longer names off. */
    private static final int NAME_BYTES_MAX = 63;

    private static final Pattern PART =
            Pattern.compile("\"(?<quoted>(?:[^\"]|\"\")*)\"|(?<plain>[\\p{L}_*?][\\p{L}\\p{N}_$*?]*)");

    private final String text;
    private final Part schema;
    private final Part table;

    private TablePattern(String text, Part schema, Part table) {
        this.text = text;
        this.schema = schema;
        this.table = table;
    }

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException if it is none; the message says what is wrong and what to do
     */
    public static TablePattern parse(String text) {
        List<Part> parts = parts(text);
        if (parts.size() != 2) {
            throw new IllegalArgumentException(
                    "table '" + text + "' is not schema.table; write the schema and the table, as in public.customers");
        }
        TablePattern pattern = new TablePattern(text, parts.get(0), parts.get(1));
        if (pattern.schema.isName() && isReserved(pattern.schema.text())) {
            throw new IllegalArgumentException("schema '" + pattern.schema.text()
                    + "' belongs to PostgreSQL or to Anabranch itself; leave '" + text + "' out");
        }
        return pattern;
    }

    /** Whether a table is meant, by its names as the catalog has them. */
    public boolean matches(String schemaName, String tableName) {
        return !isReserved(schemaName) && schema.matches(schemaName) && table.matches(tableName);
    }

    /** True for one table by name, false for a glob. */
    public boolean isName() {
        return schema.isName() && table.isName();
    }

    private static boolean isReserved(String schemaName) {
        return schemaName.startsWith("pg_")
                || schemaName.equals("information_schema")
                || schemaName.equals("anabranch");
    }

    private static List<Part> parts(String text) {
        List<Part> parts = new ArrayList<>();
        Matcher matcher = PART.matcher(text);
        int from = 0;
        while (from <= text.length() && matcher.region(from, text.length()).lookingAt()) {
            parts.add(part(matcher, text));
            boolean more = matcher.end() < text.length() && text.charAt(matcher.end()) == '.';
            if (!more && matcher.end() < text.length()) {
                throw unreadable(text);
            }
            from = more ? matcher.end() + 1 : text.length() + 1;
        }
        if (from <= text.length()) {
            throw unreadable(text);
        }
        return parts;
    }

    private static Part part(Matcher matcher, String text) {
        String quoted = matcher.group("quoted");
        Part part = quoted == null
                ? new Part(matcher.group("plain").toLowerCase(Locale.ROOT), false)
                : new Part(quoted.replace("\"\"", "\""), true);
        if (part.text().isEmpty()) {
            throw unreadable(text);
        }
        if (part.isName() && part.text().getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX) {
            throw new IllegalArgumentException("name '" + part.text() + "' in table '" + text + "' is longer than "
                    + NAME_BYTES_MAX + " bytes; write the name as the database has it");
        }
        return part;
    }

    private static IllegalArgumentException unreadable(String text) {
        return new IllegalArgumentException("table '" + text
                + "' is no table name and no glob; write schema.table, with names of other than letters, digits and _"
                + " in double quotes, as in public.\"Mixed Case\"");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TablePattern pattern && schema.equals(pattern.schema) && table.equals(pattern.table);
    }

    @Override
    public int hashCode() {
        return 31 * schema.hashCode() + table.hashCode();
    }

    /** As the user wrote it. */
    @Override
    public String toString() {
        return text;
    }

    /** A schema's or a table's part of the pattern, folded and without its quotes. */
    private record Part(String text, boolean quoted) {

        boolean isName() {
            return quoted || (text.indexOf('*') < 0 && text.indexOf('?') < 0);
        }

        boolean matches(String name) {
            return isName() ? text.equals(name) : globMatches(name);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Part part && text.equals(part.text) && isName() == part.isName();
        }

        @Override
        public int hashCode() {
            return text.hashCode();
        }

        /** In steps of at most pattern times name, which a regular expression does not promise. */
        private boolean globMatches(String name) {
            int inGlob = 0;
            int inName = 0;
            int star = -1;
            int retryAt = 0;
            while (inName < name.length()) {
                if (inGlob < text.length() && text.charAt(inGlob) == '*') {
                    star = inGlob++;
                    retryAt = inName;
                } else if (inGlob < text.length() && isSame(text.charAt(inGlob), name.charAt(inName))) {
                    inGlob++;
                    inName++;
                } else if (star >= 0) {
                    inGlob = star + 1;
                    inName = ++retryAt;
                } else {
                    return false;
                }
            }
            return text.substring(inGlob).chars().allMatch(rest -> rest == '*');
        }

        private static boolean isSame(char inGlob, char inName) {
            return inGlob == '?' || inGlob == inName;
        }
    }
}
