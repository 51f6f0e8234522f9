package org.anabranch.node.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The parts of {@code jdbc:postgresql://host:port/database?options}. */
record JdbcUrl(String host, int port, String database, List<String> optionNames) {

    static final String EXAMPLE = "jdbc:postgresql://host:5432/database";

    private static final int DEFAULT_PORT = 5432;
    private static final int PORT_MAX = 65_535;

    // A host name may have an underscore, which java.net.URI refuses.
    private static final Pattern FORM =
            Pattern.compile("jdbc:postgresql://(?<host>\\[[0-9a-fA-F:.]+]|[\\p{L}\\p{N}._-]+)"
                    + "(?::(?<port>\\d{1,5}))?/(?<database>[^/?#\\s]+)(?:\\?(?<options>\\S*))?");

    /**
     * Reads a url.
     *
     * @throws IllegalArgumentException if it is none of PostgreSQL's; the message does not hold the url, which may hold a
     *     password
     */
    static JdbcUrl parse(String url) {
        Matcher matcher = FORM.matcher(url);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("is no url of a PostgreSQL database");
        }
        int port = matcher.group("port") == null ? DEFAULT_PORT : Integer.parseInt(matcher.group("port"));
        if (port < 1 || port > PORT_MAX) {
            throw new IllegalArgumentException("has port " + port + ", which is not between 1 and " + PORT_MAX);
        }
        String host = matcher.group("host");
        return new JdbcUrl(
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                port,
                decode(matcher.group("database")),
                optionNames(matcher.group("options")));
    }

    /** A url as far as it may be shown: a misplaced password stands before an {@code @} or after a {@code ?}. */
    static String shown(String url) {
        String withoutOptions = url.contains("?") ? url.substring(0, url.indexOf('?')) + "?..." : url;
        int at = withoutOptions.lastIndexOf('@');
        return at < 0 ? withoutOptions : "..." + withoutOptions.substring(at);
    }

    /** Whether an option names a password, whichever of the driver's. */
    boolean hasPassword() {
        return optionNames.stream().anyMatch(name -> name.contains("password"));
    }

    boolean hasUser() {
        return optionNames.contains("user");
    }

    /** The same database, however it is written. */
    String target() {
        return host.toLowerCase(Locale.ROOT) + ":" + port + "/" + database;
    }

    private static List<String> optionNames(@Nullable String options) {
        if (options == null || options.isEmpty()) {
            return List.of();
        }
        return Arrays.stream(options.split("&", -1))
                .map(option -> decode(option.split("=", 2)[0]).toLowerCase(Locale.ROOT))
                .toList();
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException badPercent) {
            return text;
        }
    }
}
