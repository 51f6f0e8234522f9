package org.anabranch.node.cli;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.anabranch.node.config.Configuration;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.config.Secret;

/**
 * Replaces every known secret in a text by {@code ***}, in the ways that libraries write them: as it is, in a URL, in
 * JSON.
 *
 * <p>A secret that is also a public word (a user's name), or so short that it stands in many words, cannot be hidden
 * everywhere without making the text unreadable. It is hidden behind the word password and its like.
 */
public final class SecretMask {

    private static final String HIDDEN = "***";
    private static final int SHORT_CHARACTERS_MAX = 3;
    private static final int LINE_CHARACTERS_MIN = 16;
    private static final String PASSWORD_AND_ITS_LIKE = "(?i:pass(?:word|wd|phrase)?|pwd|secret|jaas[\\w.]*)";

    static final SecretMask NONE = new SecretMask(Set.of(), Set.of());

    private static volatile SecretMask current = NONE;

    private final Set<String> values;
    private final Set<String> publicWords;
    private final List<String> anywhere;
    private final List<Pattern> behindPassword;

    private SecretMask(Set<String> values, Set<String> publicWords) {
        this.values = values;
        this.publicWords = publicWords;
        this.anywhere = values.stream()
                .filter(value -> !isWeak(value))
                .flatMap(SecretMask::spellings)
                .distinct()
                // The longest first: a secret may hold another.
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        this.behindPassword = values.stream()
                .filter(this::isWeak)
                .map(SecretMask::afterPassword)
                .toList();
    }

    /** From now on the secrets of this configuration are hidden too, in this whole process. */
    public static void hide(Configuration configuration) {
        hide(configuration.secrets(), publicWords(configuration.pipeline()));
    }

    /**
     * From now on these secrets are hidden too, in this whole process.
     *
     * @param publicWords words that stay readable even if one of them is a secret
     */
    public static synchronized void hide(Collection<Secret> secrets, Collection<String> publicWords) {
        current = current.with(secrets, publicWords);
    }

    /** The text without the secrets that are known so far. */
    public static String mask(String text) {
        return current.apply(text);
    }

    SecretMask with(Collection<Secret> moreSecrets, Collection<String> morePublicWords) {
        Set<String> allValues = new LinkedHashSet<>(values);
        moreSecrets.stream()
                .map(Secret::value)
                .filter(value -> !value.isBlank())
                .forEach(allValues::add);
        Set<String> allWords = new TreeSet<>(publicWords);
        morePublicWords.stream().map(word -> word.toLowerCase(Locale.ROOT)).forEach(allWords::add);
        return new SecretMask(allValues, allWords);
    }

    String apply(String text) {
        String masked = text;
        for (Pattern pattern : behindPassword) {
            masked = pattern.matcher(masked).replaceAll("$1" + HIDDEN);
        }
        for (String spelling : anywhere) {
            masked = masked.replace(spelling, HIDDEN);
        }
        return masked;
    }

    private boolean isWeak(String value) {
        return value.length() <= SHORT_CHARACTERS_MAX || publicWords.contains(value.toLowerCase(Locale.ROOT));
    }

    private static Pattern afterPassword(String value) {
        return Pattern.compile("(" + PASSWORD_AND_ITS_LIKE + "[\"']?\\s*(?:[=:,]|is)\\s*[\"']?)" + Pattern.quote(value)
                + "(?![\\p{L}\\p{N}_])");
    }

    private static Stream<String> spellings(String value) {
        // A key of several lines may be printed line by line.
        Stream<String> lines = value.lines().map(String::strip).filter(line -> line.length() >= LINE_CHARACTERS_MIN);
        return Stream.concat(Stream.of(value, value.strip()), lines).flatMap(SecretMask::encodings);
    }

    private static Stream<String> encodings(String value) {
        String inUrl = URLEncoder.encode(value, StandardCharsets.UTF_8);
        String inJson = new String(JsonStringEncoder.getInstance().quoteAsString(value));
        return Stream.of(value, inUrl, inUrl.replace("+", "%20"), inJson);
    }

    private static Set<String> publicWords(Pipeline pipeline) {
        Set<String> words = new TreeSet<>(Set.of("anabranch", "postgres", "postgresql", "kafka", pipeline.name()));
        for (Region region : pipeline.regions().values()) {
            words.addAll(Arrays.asList(
                    region.name(),
                    region.postgres().user(),
                    region.postgres().host(),
                    region.postgres().database()));
        }
        return words;
    }
}
