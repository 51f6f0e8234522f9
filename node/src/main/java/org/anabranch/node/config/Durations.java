package org.anabranch.node.config;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as people write them: {@code 500ms}, {@code 5s}, {@code 10m}, {@code 2h}, {@code 7d}. */
public final class Durations {

    private static final Pattern FORM = Pattern.compile("(?<number>\\d{1,9})\\s?(?<unit>ms|s|m|h|d)");

    private Durations() {}

    /** Empty if the text is none. */
    public static Optional<Duration> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        return matcher.matches()
                ? Optional.of(of(Long.parseLong(matcher.group("number")), matcher.group("unit")))
                : Optional.empty();
    }

    private static Duration of(long number, String unit) {
        return switch (unit) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            default -> throw new IllegalArgumentException("unit '" + unit + "' is none of ms, s, m, h, d");
        };
    }
}
