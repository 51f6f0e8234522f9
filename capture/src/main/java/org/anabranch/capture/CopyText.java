package org.anabranch.capture;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Takes a line of COPY's text format apart, as the server writes it: one line is one row, ended by a newline. */
final class CopyText {

    /** One value of a gigabyte is not to be held on to. */
    private static final int BUFFER_KEPT_BYTES = 1 << 20;

    private final int columns;
    private byte[] unescaped = new byte[256];

    CopyText(int columns) {
        this.columns = columns;
    }

    /**
     * The values, null for {@code \N}.
     *
     * @throws SQLException if the line has another number of values, which the server never writes
     */
    @Nullable
    String[] parse(byte[] line) throws SQLException {
        @Nullable String[] values = new String[columns];
        int end = line.length > 0 && line[line.length - 1] == '\n' ? line.length - 1 : line.length;
        int start = 0;
        int column = 0;
        boolean escapes = false;
        for (int i = 0; i <= end; i++) {
            byte at = i == end ? (byte) '\t' : line[i];
            if (at == '\\') {
                escapes = true;
                i++; // what is escaped is no tab: the server writes that as \t
            } else if (at == '\t') {
                if (column == columns) {
                    throw otherNumber(line.length);
                }
                values[column++] = escapes ? unescape(line, start, i) : text(line, start, i);
                start = i + 1;
                escapes = false;
            }
        }
        if (column != columns) {
            throw otherNumber(line.length);
        }
        return values;
    }

    private SQLException otherNumber(int bytes) {
        return new SQLException("a line of COPY with " + bytes + " bytes does not have " + columns + " values");
    }

    private static String text(byte[] line, int from, int to) {
        return new String(line, from, to - from, StandardCharsets.UTF_8);
    }

    private @Nullable String unescape(byte[] line, int from, int to) throws SQLException {
        if (to - from == 2 && line[from + 1] == 'N') {
            return null;
        }
        if (unescaped.length < to - from) {
            unescaped = new byte[to - from];
        }
        int length = 0;
        for (int i = from; i < to; i++) {
            byte at = line[i];
            unescaped[length++] = at == '\\' ? meaning(line[++i]) : at;
        }
        String text = new String(unescaped, 0, length, StandardCharsets.UTF_8);
        if (unescaped.length > BUFFER_KEPT_BYTES) {
            unescaped = new byte[256];
        }
        return text;
    }

    private static byte meaning(byte escaped) throws SQLException {
        return switch (escaped) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 0x0B;
            case '\\' -> '\\';
            default -> throw new SQLException("COPY wrote an escape that is not known: \\" + (char) escaped);
        };
    }
}
