package org.anabranch.node.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one region: its database, its Kafka cluster, and where its node listens. */
final class RegionReader {

    private static final String URL_LINE = "url: \"" + JdbcUrl.EXAMPLE + "\"";
    private static final String PASSWORD_LINE = "password: \"${env:DATABASE_PASSWORD}\"";
    private static final Pattern BOOTSTRAP = Pattern.compile(
            "(\\[[0-9a-fA-F:.]+]|[\\p{L}\\p{N}._-]+):(\\d{1,5})(\\s*,\\s*(\\[[0-9a-fA-F:.]+]|[\\p{L}\\p{N}._-]+):(\\d{1,5}))*");
    private static final String HTTP_LINE = "http: \"127.0.0.1:8080\"";
    private static final Pattern ADDRESS =
            Pattern.compile("(?<host>\\[[0-9a-fA-F:.]+]|[\\p{L}\\p{N}._-]+):(?<port>\\d{1,5})");
    private static final int PORT_MAX = 65_535;
    private static final Pattern SECRET_PROPERTY = Pattern.compile(
            "password|passphrase|secret|jaas|token|credential|user\\.info|keystore\\.key|private\\.key",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern PASSWORD_IN_JAAS = Pattern.compile("(?i)password\\s*=\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

    private final Problems problems;
    private final List<Secret> secrets = new ArrayList<>();

    RegionReader(Problems problems) {
        this.problems = problems;
    }

    /** Every secret of the regions read so far. */
    List<Secret> secrets() {
        return secrets;
    }

    /** The region; null after a problem. */
    @Nullable
    Region read(String name, Section section) {
        section.known("postgres", "kafka", "http");
        Section postgres = section.requiredSection("postgres", "postgres: { url: ..., user: ..., password: ... }");
        Section kafka = section.requiredSection("kafka", "kafka: { bootstrap: \"host:9092\" }");
        Region.Postgres database = postgres == null ? null : postgres(postgres);
        Region.Kafka cluster = kafka == null ? null : kafka(kafka);
        Region.Http http = http(section);
        return database == null || cluster == null ? null : new Region(name, database, cluster, http);
    }

    private Region.@Nullable Http http(Section section) {
        Scalar text = section.text("http", HTTP_LINE);
        if (text == null) {
            return Region.DEFAULT_HTTP;
        }
        if (text.value().equals("off") || text.value().equals("false")) {
            return null;
        }
        Matcher address = ADDRESS.matcher(text.value());
        int port = address.matches() ? Integer.parseInt(address.group("port")) : 0;
        if (port < 1 || port > PORT_MAX) {
            problems.error(
                    text.at(),
                    "http '" + text.shown() + "' is no address to listen at",
                    "write host:port, as in '" + HTTP_LINE + "', or 'http: off'");
            return null;
        }
        return new Region.Http(address.group("host").replaceAll("[\\[\\]]", ""), port);
    }

    private Region.@Nullable Postgres postgres(Section section) {
        section.known("url", "user", "password");
        Scalar url = section.requiredText("url", URL_LINE);
        Scalar user = section.requiredText("user", "user: anabranch");
        Scalar password = section.requiredText("password", PASSWORD_LINE);
        if (password != null) {
            secrets.add(Secret.of(password.value()));
            warnOfPlaintext("password", password, PASSWORD_LINE);
        }
        boolean urlIsGood = url != null && checkUrl(url);
        if (url == null || !urlIsGood || user == null || password == null) {
            return null;
        }
        return new Region.Postgres(url.value(), user.value(), Secret.of(password.value()));
    }

    private boolean checkUrl(Scalar url) {
        String shown = url.isPlaceholder() ? url.shown() : Scalar.shorten(JdbcUrl.shown(url.value()));
        try {
            JdbcUrl parsed = JdbcUrl.parse(url.value());
            if (parsed.hasPassword()) {
                problems.error(url.at(), "url '" + shown + "' holds a password", "move it to '" + PASSWORD_LINE + "'");
            } else if (parsed.hasUser()) {
                problems.error(url.at(), "url '" + shown + "' holds a user", "move it to 'user: NAME'");
            } else {
                return true;
            }
        } catch (IllegalArgumentException e) {
            problems.error(url.at(), "url '" + shown + "' " + e.getMessage(), "write it as '" + URL_LINE + "'");
        }
        return false;
    }

    private Region.@Nullable Kafka kafka(Section section) {
        section.known("bootstrap", "properties");
        Scalar bootstrap = section.requiredText("bootstrap", "bootstrap: \"host:9092\"");
        Section properties = section.section("properties");
        Map<String, String> values = properties == null ? Map.of() : properties(properties);
        if (bootstrap == null) {
            return null;
        }
        if (!BOOTSTRAP.matcher(bootstrap.value()).matches()) {
            problems.error(
                    bootstrap.at(),
                    "bootstrap '" + bootstrap.shown() + "' is no list of brokers",
                    "write host:port, several with commas between them, as in 'bootstrap: \"host:9092\"'");
            return null;
        }
        return new Region.Kafka(bootstrap.value().replaceAll("\\s", ""), values);
    }

    private Map<String, String> properties(Section section) {
        Map<String, String> values = new LinkedHashMap<>();
        section.texts().forEach((key, value) -> {
            values.put(key, value.value());
            noteSecret(key, value);
        });
        Position bootstrap = section.keys().get("bootstrap.servers");
        if (bootstrap != null) {
            problems.error(
                    bootstrap,
                    "key 'bootstrap.servers' in the properties",
                    "write it as 'bootstrap', beside 'properties'");
        }
        return values;
    }

    private void noteSecret(String key, Scalar value) {
        boolean secret = SECRET_PROPERTY.matcher(key).find();
        if (secret) {
            warnOfPlaintext(key, value, key + ": \"${env:NAME}\"");
        }
        if (secret || value.isPlaceholder()) {
            secrets.add(Secret.of(value.value()));
            Matcher inJaas = PASSWORD_IN_JAAS.matcher(value.value());
            while (inJaas.find()) {
                secrets.add(Secret.of(inJaas.group(1)));
            }
        }
    }

    private void warnOfPlaintext(String key, Scalar value, String example) {
        if (!value.isPlaceholder()) {
            problems.warning(
                    value.at(), key.toLowerCase(Locale.ROOT) + " is written in plain text", "use '" + example + "'");
        }
    }
}
