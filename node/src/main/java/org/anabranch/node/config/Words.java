package org.anabranch.node.config;

import java.util.Collection;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Values of a few allowed forms. */
final class Words {

    /** Pipelines and regions are parts of the names of topics, slots and replication origins. */
    static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,30}");

    static final String NAME_FORM =
            "use lower-case letters, digits and _, a letter first, 31 characters at most, as in ";

    private Words() {}

    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /** Notes a value that is none of the allowed ones. */
    static void notOneOf(Problems problems, String what, Scalar given, Collection<String> allowed) {
        String fix = Nearest.to(given.value(), allowed)
                .map(nearest -> "did you mean '" + nearest + "'?")
                .orElse("write one of: " + String.join(", ", allowed));
        problems.error(given.at(), "unknown " + what + " '" + given.shown() + "'", fix);
    }

    /** The text of a scalar, or null. */
    static @Nullable String value(@Nullable Scalar scalar) {
        return scalar == null ? null : scalar.value();
    }
}
