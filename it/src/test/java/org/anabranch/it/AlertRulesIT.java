package org.anabranch.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The alerts do what they say, by Prometheus' own tool, and they and the dashboard use metrics that there are. */
class AlertRulesIT {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path PROMETHEUS = ROOT.resolve("docker/prometheus");

    private static final Pattern RULE_EXPRESSION = Pattern.compile("(?m)^ {8}expr: \\|\\n((?: {10}.*\\n)+)");
    private static final Pattern PANEL_EXPRESSION = Pattern.compile("\"expr\": *\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern METRIC_ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\|");
    private static final Pattern RUNBOOK = Pattern.compile("runbook_url: (\\S+)");

    /** What in an expression is no metric: strings, selectors, ranges, lists of labels. */
    private static final Pattern NO_METRIC = Pattern.compile(
            "\"[^\"]*\"|\\[[^\\]]*\\]|\\b(?:by|without|on|ignoring|group_left|group_right) *\\([^)]*\\)");

    /** A name that is not called as a function; recorded names have colons, and promtool's tests cover them. */
    private static final Pattern NAME = Pattern.compile("(?<![\\w:.$])([a-zA-Z_]\\w*)(?![\\w:]| *\\()");

    private static final Set<String> WORDS = Set.of("and", "or", "unless", "bool", "offset", "by", "on");

    /** What Prometheus itself adds. */
    private static final Set<String> OF_PROMETHEUS = Set.of("up");

    @ParameterizedTest
    @ValueSource(strings = {"check rules alerts.yml", "check config prometheus.yml", "test rules alerts_test.yml"})
    void promtoolIsContent(String arguments) throws IOException, InterruptedException {
        Process process = promtool(arguments);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> "promtool " + arguments + "\n" + output);
    }

    @Test
    void alertsUseMetricsThatThereAre() throws IOException {
        assertKnown(PROMETHEUS.resolve("alerts.yml"), RULE_EXPRESSION);
    }

    @Test
    void theDashboardUsesMetricsThatThereAre() throws IOException {
        assertKnown(ROOT.resolve("docker/grafana/dashboard.json"), PANEL_EXPRESSION);
    }

    @Test
    void everyRunbookIsThere() throws IOException {
        Set<String> pages = RUNBOOK.matcher(Files.readString(PROMETHEUS.resolve("alerts.yml")))
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertFalse(pages.isEmpty());
        pages.forEach(page -> assertTrue(Files.isRegularFile(ROOT.resolve(page)), page));
    }

    private static void assertKnown(Path file, Pattern expression) throws IOException {
        Set<String> used = expression
                .matcher(Files.readString(file))
                .results()
                .flatMap(found -> metrics(found.group(1)).stream())
                .collect(Collectors.toCollection(TreeSet::new));
        assertFalse(used.isEmpty(), () -> "no metric found in " + file);
        used.removeAll(OF_PROMETHEUS);
        used.removeAll(documented());
        assertEquals(Set.of(), used, () -> file + " uses metrics that docs/metrics.md does not list");
    }

    private static Set<String> metrics(String expression) {
        String bare = NO_METRIC
                .matcher(expression.replace("\\\"", "\""))
                .replaceAll(" ")
                .replaceAll("\\{[^}]*}", " ");
        return NAME.matcher(bare)
                .results()
                .map(found -> found.group(1))
                .filter(name -> !WORDS.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> documented() throws IOException {
        return METRIC_ROW
                .matcher(Files.readString(ROOT.resolve("docs/metrics.md")))
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
    }

    private static Process promtool(String arguments) {
        try {
            return new ProcessBuilder(("promtool " + arguments).split(" ", -1))
                    .directory(PROMETHEUS.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new AssertionError("promtool does not run; on Debian: apt-get install prometheus", e);
        }
    }
}
