package org.anabranch.node.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * One event, one line: time, level, part, region, message, then {@code key=value}. An exception is the key error, with its
 * causes; its stack trace follows only when the process is verbose. No known secret is in any of it.
 */
public final class LineLayout extends LayoutBase<ILoggingEvent> {

    /** The context property that asks for stack traces. */
    static final String STACK_TRACES = "anabranch.stackTraces";

    /** The keys of the logging context (MDC) that have a place of their own in the line. */
    public static final String REGION = "region";

    public static final String PART = "part";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final String OWN_PACKAGES = "org.anabranch.";
    private static final int CAUSES_MAX = 8;

    @Override
    public String doLayout(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(200)
                .append(TIME.format(Instant.ofEpochMilli(event.getTimeStamp())))
                .append(String.format(" %-5s %s %s ", event.getLevel(), part(event), region(event)))
                .append(oneLine(SecretMask.mask(String.valueOf(event.getFormattedMessage()))));
        appendKeyValues(line, event.getKeyValuePairs());
        IThrowableProxy throwable = event.getThrowableProxy();
        if (throwable != null) {
            append(line, "error", causes(throwable));
        }
        line.append(System.lineSeparator());
        if (throwable != null && wantsStackTraces()) {
            line.append(SecretMask.mask(ThrowableProxyUtil.asString(throwable))).append(System.lineSeparator());
        }
        return line.toString();
    }

    private boolean wantsStackTraces() {
        return getContext() != null && "true".equals(getContext().getProperty(STACK_TRACES));
    }

    private static void appendKeyValues(StringBuilder line, @Nullable List<KeyValuePair> pairs) {
        if (pairs != null) {
            pairs.forEach(pair -> append(line, pair.key, String.valueOf(pair.value)));
        }
    }

    private static void append(StringBuilder line, String key, String value) {
        String masked = oneLine(SecretMask.mask(key + "=" + value)).substring(key.length() + 1);
        line.append(' ').append(key).append('=').append(quoted(masked));
    }

    /** The part that speaks: the package below org.anabranch, or else the logger's own short name. */
    private static String part(ILoggingEvent event) {
        String given = event.getMDCPropertyMap().get(PART);
        if (given != null) {
            return given;
        }
        String logger = event.getLoggerName();
        if (!logger.startsWith(OWN_PACKAGES)) {
            return logger.substring(logger.lastIndexOf('.') + 1);
        }
        String below = logger.substring(OWN_PACKAGES.length());
        return below.contains(".") ? below.substring(0, below.indexOf('.')) : below;
    }

    private static String region(ILoggingEvent event) {
        return event.getMDCPropertyMap().getOrDefault(REGION, "-");
    }

    private static String causes(IThrowableProxy throwable) {
        StringBuilder causes = new StringBuilder();
        IThrowableProxy cause = throwable;
        for (int i = 0; cause != null && i < CAUSES_MAX; i++) {
            String name = cause.getClassName();
            causes.append(i == 0 ? "" : " <- ").append(name.substring(name.lastIndexOf('.') + 1));
            causes.append(cause.getMessage() == null ? "" : ": " + cause.getMessage());
            cause = cause.getCause();
        }
        return causes.toString();
    }

    /** A line break in a value must not look like an event of its own. */
    private static String oneLine(String text) {
        return text.replace("\r", "\\r").replace("\n", "\\n");
    }

    private static String quoted(String value) {
        boolean plain = !value.isEmpty() && value.chars().noneMatch(c -> c == ' ' || c == '"' || c == '=');
        return plain ? value : '"' + value.replace("\"", "\\\"") + '"';
    }
}
