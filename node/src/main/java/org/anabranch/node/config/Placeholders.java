package org.anabranch.node.config;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Resolves {@code ${env:NAME}} and {@code ${file:path}}, where they are the whole of a text. */
final class Placeholders {

    private static final Pattern WHOLE = Pattern.compile("\\$\\{(?<kind>[^:{}]*):(?<name>[^{}]*)}");
    private static final Pattern ANYWHERE = Pattern.compile("\\$\\{(env|file):");

    private final Environment environment;
    private final Problems problems;

    Placeholders(Environment environment, Problems problems) {
        this.environment = environment;
        this.problems = problems;
    }

    /** The text with its placeholder resolved; null after a problem has been noted. */
    @Nullable
    Scalar resolve(String text, Position at) {
        Matcher whole = WHOLE.matcher(text);
        if (whole.matches()) {
            String value = value(whole, at);
            return value == null ? null : new Scalar(value, text, at);
        }
        if (ANYWHERE.matcher(text).find()) {
            problems.error(
                    at,
                    "a placeholder is only a part of the value",
                    "make ${env:NAME} or ${file:path} the whole value, and put the rest into the variable or the file");
            return null;
        }
        return new Scalar(text, null, at);
    }

    private @Nullable String value(Matcher whole, Position at) {
        String name = whole.group("name");
        return switch (whole.group("kind")) {
            case "env" -> variable(name, at);
            case "file" -> file(name, at);
            default -> {
                problems.error(
                        at,
                        "unknown placeholder '" + Scalar.shorten(whole.group()) + "'",
                        "write ${env:NAME} for an environment variable or ${file:path} for a file");
                yield null;
            }
        };
    }

    private @Nullable String variable(String name, Position at) {
        String value = environment.variable(name);
        if (value == null || value.isEmpty()) {
            String state = value == null ? "not set" : "empty";
            problems.error(at, "environment variable '" + name + "' is " + state, "set it before you start Anabranch");
            return null;
        }
        return value;
    }

    private @Nullable String file(String path, Position at) {
        try {
            String value = environment.file(path);
            if (!value.isEmpty()) {
                return value;
            }
            problems.error(at, "file '" + path + "' is empty", "write the value into it");
        } catch (IOException e) {
            problems.error(
                    at,
                    "file '" + path + "' cannot be read: " + e.getMessage(),
                    "correct the path, or let the user that runs Anabranch read it");
        }
        return null;
    }
}
