package org.anabranch.replicator;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What an error of the database means for the changes that caused it. By SQLSTATE. */
final class Faults {

    /** Connection, transaction state, authorization, rollback (deadlock, serialization), resources, object state, operator, system. */
    private static final Set<String> HEALING_CLASSES = Set.of("08", "25", "28", "40", "53", "55", "57", "58");

    /** No right to do it: a GRANT heals it. Damaged data and indexes: no row's fault. */
    private static final Set<String> HEALING_STATES = Set.of("42501", "XX001", "XX002");

    private Faults() {}

    /** Whether the same changes can be expected to go through later; if not, they are for quarantine. */
    static boolean mayHeal(SQLException fault) {
        String state = fault.getSQLState();
        return state == null
                || state.length() != 5
                || HEALING_CLASSES.contains(state.substring(0, 2))
                || HEALING_STATES.contains(state);
    }

    /** Whether it was another session's lock, so that the same transaction can be tried again at once. */
    static boolean isContention(SQLException fault) {
        String state = fault.getSQLState();
        return state != null && (state.startsWith("40") || state.equals("55P03"));
    }

    static boolean isUniqueViolation(SQLException fault) {
        return "23505".equals(fault.getSQLState());
    }

    /** A table or a column is not there. */
    static boolean isMissingObject(SQLException fault) {
        String state = fault.getSQLState();
        return "42P01".equals(state) || "42703".equals(state) || "3F000".equals(state);
    }

    /** A value is none of its type's, or breaks a rule of its domain. */
    static boolean isUnreadableValue(SQLException fault) {
        String state = fault.getSQLState();
        return state != null && (state.startsWith("22") || state.startsWith("23"));
    }

    /** The server's own first line, without the position and hints. */
    static String message(Throwable fault) {
        @Nullable String message = fault.getMessage();
        String first =
                message == null ? fault.toString() : message.lines().findFirst().orElse("");
        return first + hint(fault);
    }

    private static String hint(Throwable fault) {
        ServerErrorMessage said = fault instanceof PSQLException e ? e.getServerErrorMessage() : null;
        String hint = said == null ? null : said.getHint();
        return hint == null ? "" : "; " + hint;
    }
}
