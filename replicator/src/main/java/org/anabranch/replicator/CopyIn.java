package org.anabranch.replicator;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.anabranch.schemas.Row;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Writes rows into a table with COPY, in its text format: the types' input functions read the values, as they were written by
 * their output functions. Less than half the server's work of an INSERT that has to look for conflicts.
 */
final class CopyIn {

    private static final int CHUNK_CHARS = 256 * 1024;
    private static final String NULL = "\\N";

    private CopyIn() {}

    /** Throws what the database throws, where a key or another unique value is there already too. */
    static void write(Connection connection, String copy, List<Row> rows) throws SQLException {
        org.postgresql.copy.CopyIn in =
                connection.unwrap(PGConnection.class).getCopyAPI().copyIn(copy);
        try {
            StringBuilder text = new StringBuilder(CHUNK_CHARS);
            for (Row row : rows) {
                append(text, row);
                if (text.length() >= CHUNK_CHARS) {
                    send(in, text);
                }
            }
            send(in, text);
            in.endCopy();
        } finally {
            if (in.isActive()) {
                in.cancelCopy();
            }
        }
    }

    private static void send(org.postgresql.copy.CopyIn in, StringBuilder text) throws SQLException {
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        in.writeToCopy(bytes, 0, bytes.length);
        text.setLength(0);
    }

    static void append(StringBuilder text, Row row) {
        for (int i = 0; i < row.size(); i++) {
            if (i > 0) {
                text.append('\t');
            }
            append(text, row.text(i));
        }
        text.append('\n');
    }

    private static void append(StringBuilder text, @Nullable String value) {
        if (value == null) {
            text.append(NULL);
            return;
        }
        int from = 0;
        for (int i = 0; i < value.length(); i++) {
            char escape = escape(value.charAt(i));
            if (escape != 0) {
                text.append(value, from, i).append('\\').append(escape);
                from = i + 1;
            }
        }
        text.append(value, from, value.length());
    }

    /** The letter that stands for a character after a backslash; 0 for one that stands for itself. */
    private static char escape(char c) {
        return switch (c) {
            case '\\' -> '\\';
            case '\t' -> 't';
            case '\n' -> 'n';
            case '\r' -> 'r';
            default -> 0;
        };
    }
}
