package org.anabranch.sandbox.demo;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the demo shows, as lines of at most {@value #WIDTH} columns. */
final class DemoView {

    static final int WIDTH = 80;

    private static final String ROW = "%-7s %-9s %-19s %11s %8s  %s";
    private static final String UNDER = " ".repeat(8);
    private static final long BAR_MILLIS_MIN = 1_000;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String GREEN = "\u001B[32m";
    private static final String YELLOW = "\u001B[33m";
    private static final String RED = "\u001B[31m";
    private static final String BOLD = "\u001B[1m";
    private static final String DIM = "\u001B[2m";
    private static final String RESET = "\u001B[0m";

    private final DemoPorts ports;
    private final Path configuration;
    private final boolean colours;
    private final boolean unicode;

    /**
     * @param configuration the file to name with the commands to try
     * @param unicode whether block characters can be shown
     */
    DemoView(DemoPorts ports, Path configuration, boolean colours, boolean unicode) {
        this.ports = ports;
        this.configuration = configuration;
        this.colours = colours;
        this.unicode = unicode;
    }

    /** The whole picture for a terminal. */
    List<String> lines(Snapshot snapshot) {
        List<String> lines = new ArrayList<>();
        String up = "up " + duration(snapshot.up()) + ", Ctrl-C ends";
        String title = "Anabranch demo";
        lines.add(colour(BOLD, title) + " ".repeat(WIDTH - title.length() - up.length()) + up);
        lines.add("");
        lines.add(colour(
                DIM, ROW.formatted("REGION", "STATE", "LAG OF RPO", "TO VISIBLE", "ROWS/S", "REPLICATED UNTIL")));
        addHub(lines, snapshot);
        snapshot.spokes().forEach(spoke -> addSpoke(lines, spoke));
        lines.add("");
        lines.add("inventory and carts are written in all regions: " + contested(snapshot));
        lines.add("");
        if (!snapshot.trouble().isEmpty()) {
            lines.add(colour(YELLOW, cut(snapshot.trouble(), WIDTH)));
            lines.add("");
        }
        lines.addAll(toTry());
        return lines;
    }

    /** Commands to try in another terminal. */
    List<String> toTry() {
        String option = ports.option();
        String url = "postgresql://%s:%s@127.0.0.1:%%d/%s"
                .formatted(ShopDatabase.USER, ShopDatabase.PASSWORD, ShopDatabase.NAME);
        return List.of(
                colour(BOLD, "Look") + " in a browser: http://127.0.0.1:" + ports.console("hub") + " (hub), "
                        + ports.console("eu") + " (eu), " + ports.console("us") + " (us)",
                colour(BOLD, "Try it in another terminal") + " (times above are UTC; TO VISIBLE is the median)",
                "  psql \"" + url.formatted(ports.postgres("hub")) + "\" \\",
                "    -c \"insert into products (name, price, stock) values ('Tea', 3.50, 9)\"",
                "  psql \"" + url.formatted(ports.postgres("eu")) + "\" \\",
                "    -c \"select * from products order by id desc limit 1\"",
                "  ./anabranch demo sql" + option + " eu \"select count(*) from orders\"",
                "  for r in eu us; do ./anabranch demo sql" + option + " $r \\",
                "    \"update inventory set on_hand = on_hand - 1 where product_id = 40\" & done",
                "  ./anabranch conflicts --limit 3 -c " + configuration,
                "  ./anabranch status -c " + configuration,
                "  ./anabranch tail --region us -c " + configuration);
    }

    private static String contested(Snapshot snapshot) {
        String conflicts = String.format(
                Locale.ROOT, "%.1f conflicts/s", snapshot.contested().conflictsPerSecond());
        return snapshot.workload()
                ? String.format(
                        Locale.ROOT, "%.0f writes/s, %s", snapshot.contested().transactionsPerSecond(), conflicts)
                : conflicts;
    }

    private void addHub(List<String> lines, Snapshot snapshot) {
        Snapshot.HubLine hub = snapshot.hub();
        String writes = snapshot.workload()
                ? String.format(
                        Locale.ROOT,
                        "writes %.0f transactions/s, %,.0f rows/s (seed %d)",
                        snapshot.transactionsPerSecond(),
                        snapshot.rowsPerSecond(),
                        snapshot.seed())
                : "no workload: it is yours to write to";
        lines.add("%-7s ".formatted(hub.name()) + state(hub.state()) + " " + writes);
        addDetail(lines, hub.detail());
    }

    private void addSpoke(List<String> lines, Snapshot.SpokeLine spoke) {
        String row = ROW.formatted(
                spoke.name(),
                spoke.state(),
                lag(spoke),
                visible(spoke),
                String.format(Locale.ROOT, "%,.0f", spoke.rowsPerSecond()),
                until(spoke));
        lines.add(row.substring(0, 8) + state(spoke.state()) + " " + verdict(spoke, row.substring(18, 37))
                + row.substring(37));
        long full = Math.max(
                BAR_MILLIS_MIN,
                spoke.lagsMillis().stream().mapToLong(Long::longValue).max().orElse(0));
        String scale = "  lag, full bar " + seconds(full);
        int width = WIDTH - UNDER.length() - scale.length();
        lines.add(UNDER + Sparkline.of(spoke.lagsMillis(), full, width, unicode) + colour(DIM, scale));
        addDetail(lines, spoke.detail());
    }

    private void addDetail(List<String> lines, String detail) {
        if (!detail.isEmpty()) {
            lines.add(UNDER + colour(YELLOW, cut(detail, WIDTH - UNDER.length())));
        }
    }

    /** One line that says it all, for output that is no terminal. */
    String plainLine(Snapshot snapshot) {
        StringBuilder line = new StringBuilder(TIME.format(snapshot.now()));
        line.append(" hub ").append(snapshot.hub().state());
        if (snapshot.workload()) {
            line.append(String.format(
                    Locale.ROOT,
                    ", writes %.0f transactions/s, %,.0f rows/s",
                    snapshot.transactionsPerSecond(),
                    snapshot.rowsPerSecond()));
        }
        line.append(" | contested ").append(contested(snapshot));
        for (Snapshot.SpokeLine spoke : snapshot.spokes()) {
            line.append(String.format(
                    Locale.ROOT,
                    " | %s %s, lag %s, %,.0f rows/s, to visible %s",
                    spoke.name(),
                    spoke.state(),
                    lag(spoke),
                    spoke.rowsPerSecond(),
                    visible(spoke)));
            if (!spoke.detail().isEmpty()) {
                line.append(" (").append(spoke.detail()).append(')');
            }
        }
        if (!snapshot.trouble().isEmpty()) {
            line.append(" | ").append(snapshot.trouble());
        }
        return line.toString();
    }

    private static String lag(Snapshot.SpokeLine spoke) {
        String target = seconds(spoke.rpoMillis());
        return spoke.lagMillis() < 0
                ? "- of " + target
                : seconds(spoke.lagMillis()) + " of " + target + " " + spoke.verdict();
    }

    private static String visible(Snapshot.SpokeLine spoke) {
        return spoke.visibleMillis().isEmpty()
                ? "-"
                : String.format(Locale.ROOT, "%.0f ms", spoke.visibleMillis().getAsDouble());
    }

    private static String until(Snapshot.SpokeLine spoke) {
        return spoke.replicatedUntilMicros() == 0
                ? "not yet"
                : TIME.format(Instant.EPOCH.plus(spoke.replicatedUntilMicros(), ChronoUnit.MICROS));
    }

    private String state(String state) {
        String padded = "%-9s".formatted(state);
        return switch (state) {
            case "RUNNING" -> colour(GREEN, padded);
            case "FAILED", "SILENT" -> colour(RED, padded);
            default -> colour(YELLOW, padded);
        };
    }

    private String verdict(Snapshot.SpokeLine spoke, String text) {
        return switch (spoke.verdict()) {
            case "OK" -> colour(GREEN, text);
            case "BREACH" -> colour(RED, text);
            default -> colour(YELLOW, text);
        };
    }

    private String colour(String colour, String text) {
        return colours ? colour + text + RESET : text;
    }

    private static String cut(String text, int width) {
        String line = text.replace('\n', ' ');
        return line.length() <= width ? line : line.substring(0, width - 3) + "...";
    }

    private static String duration(Duration duration) {
        return String.format(
                Locale.ROOT, "%d:%02d:%02d", duration.toHours(), duration.toMinutesPart(), duration.toSecondsPart());
    }

    private static String seconds(long millis) {
        boolean whole = millis % 1_000 == 0 || millis >= 10_000;
        return String.format(Locale.ROOT, whole ? "%.0f s" : "%.2f s", millis / 1000.0);
    }
}
