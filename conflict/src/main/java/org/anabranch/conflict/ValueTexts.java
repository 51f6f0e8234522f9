package org.anabranch.conflict;

import java.math.BigDecimal;

/** Compares values as PostgreSQL does, by their texts under the session settings that they travel in. */
final class ValueTexts {

    private static final String BEFORE_CHRIST = " BC";

    private ValueTexts() {}

    /** NaN is the greatest, after Infinity. */
    static int compareNumbers(String one, String other) {
        int rank = Integer.compare(rankOfNumber(one), rankOfNumber(other));
        return rank != 0 || rankOfNumber(one) != 0 ? rank : number(one).compareTo(number(other));
    }

    private static int rankOfNumber(String text) {
        return switch (text) {
            case "-Infinity" -> -1;
            case "Infinity" -> 1;
            case "NaN" -> 2;
            default -> 0;
        };
    }

    private static BigDecimal number(String text) {
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            throw new UnmergeableException("min and max cannot compare " + text, e);
        }
    }

    /** Dates, times and timestamps, in ISO form and one time zone. */
    static int compareTimes(String one, String other) {
        int rank = Integer.compare(rankOfTime(one), rankOfTime(other));
        if (rank != 0 || rankOfTime(one) != 0) {
            return rank;
        }
        int years = Long.compare(year(one), year(other));
        return years != 0 ? years : rest(one).compareTo(rest(other));
    }

    private static int rankOfTime(String text) {
        return switch (text) {
            case "-infinity" -> -1;
            case "infinity" -> 1;
            default -> 0;
        };
    }

    private static long year(String text) {
        int dash = text.indexOf('-');
        if (dash < 0) {
            return 0; // a time of day
        }
        try {
            long year = Long.parseLong(text.substring(0, dash));
            return text.endsWith(BEFORE_CHRIST) ? -year : year;
        } catch (NumberFormatException e) {
            throw new UnmergeableException("min and max cannot compare " + text, e);
        }
    }

    /** Fixed width, but for the fraction of a second, which has no trailing zeros. */
    private static String rest(String text) {
        String era = text.endsWith(BEFORE_CHRIST) ? text.substring(0, text.length() - BEFORE_CHRIST.length()) : text;
        return era.substring(era.indexOf('-') + 1);
    }
}
