package org.anabranch.capture;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a database is and who logs in. Its text never shows the password.
 *
 * @param url {@code jdbc:postgresql://host[:port]/database[?parameters]}; an IPv6 address stands in brackets
 * @param user the role
 * @param password its password; may be empty
 */
public record DatabaseSettings(String url, String user, String password) {

    private static final int DEFAULT_PORT = 5432;

    /** Groups: host, port, database, parameters. Several hosts are not taken: a source is one server. */
    private static final Pattern URL =
            Pattern.compile("jdbc:postgresql://(\\[[0-9A-Fa-f:.%]+]|[^/:,?@]+)(?::(\\d{1,5}))?/([^/?]+)(?:\\?(.*))?");

    /** @throws IllegalArgumentException if the URL has another shape, or holds a user or a password */
    public DatabaseSettings {
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "not a database's URL: " + masked(url) + "; write jdbc:postgresql://host:port/database");
        }
        String parameters = matcher.group(4);
        if (parameters != null && parameters.matches("(?i)(.*&)?(user|password)=.*")) {
            throw new IllegalArgumentException(
                    "the URL " + masked(url) + " holds a user or a password; give them as user and password");
        }
        String port = matcher.group(2);
        if (port != null && Integer.parseInt(port) > 65_535) {
            throw new IllegalArgumentException("the URL " + masked(url) + " has a port above 65535");
        }
    }

    /** The host's name or address, an IPv6 address without its brackets. */
    public String host() {
        String host = part(1);
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    public int port() {
        String port = matched().group(2);
        return port == null ? DEFAULT_PORT : Integer.parseInt(port);
    }

    public String database() {
        return URLDecoder.decode(part(3), StandardCharsets.UTF_8);
    }

    /** For people and logs: {@code host:port/database}. */
    public String place() {
        return part(1) + ":" + port() + "/" + database();
    }

    @Override
    public String toString() {
        return "DatabaseSettings[url=" + masked(url) + ", user=" + user + ", password=***]";
    }

    private String part(int group) {
        return Objects.requireNonNull(matched().group(group));
    }

    private Matcher matched() {
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches()) {
            throw new IllegalStateException("was matched when it was made");
        }
        return matcher;
    }

    /** Parameters and anything before an {@code @} could be secrets, also in a URL that is not well formed. */
    private static String masked(String url) {
        return url.replaceFirst("\\?.*", "?***").replaceFirst("//[^/]*@", "//***@");
    }
}
