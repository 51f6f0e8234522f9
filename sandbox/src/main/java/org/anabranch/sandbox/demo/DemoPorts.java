package org.anabranch.sandbox.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import org.anabranch.node.cli.CommandException;
import org.anabranch.node.cli.ExitCode;
import org.anabranch.schemas.Finding;
import org.jspecify.annotations.Nullable;

/**
 * Which server listens where.
 *
 * @param firstPostgres of the first region; the others follow
 * @param firstKafka of the first region; the others follow
 * @param firstConsole of the first region; the others follow
 * @param base what --port-base said, null where it was not given
 */
record DemoPorts(
        int firstPostgres,
        int firstKafka,
        int firstConsole,
        @Nullable Integer base) {

    static final List<String> REGIONS = List.of("hub", "eu", "us");

    private static final DemoPorts DOCUMENTED = new DemoPorts(15_431, 19_091, 18_080, null);
    private static final int PORT_MAX = 65_535;
    private static final int BASE_MIN = 1_024;

    /** Three each for PostgreSQL, Kafka and the consoles. */
    private static final int PORTS_RESERVED = 9;

    /** The documented ports without a base; PostgreSQL from the base on, Kafka and the consoles behind it with one. */
    static DemoPorts of(@Nullable Integer base) {
        if (base == null) {
            return DOCUMENTED;
        }
        int baseMax = PORT_MAX - PORTS_RESERVED + 1;
        if (base < BASE_MIN || base > baseMax) {
            throw new CommandException(
                    ExitCode.INVALID_INPUT,
                    List.of(new Finding(
                            Finding.Severity.ERROR,
                            "--port-base",
                            base + " leaves no room for " + PORTS_RESERVED + " ports",
                            "choose a number from " + BASE_MIN + " to " + baseMax)));
        }
        return new DemoPorts(base, base + REGIONS.size(), base + 2 * REGIONS.size(), base);
    }

    int postgres(String region) {
        return firstPostgres + place(region);
    }

    int kafka(String region) {
        return firstKafka + place(region);
    }

    int console(String region) {
        return firstConsole + place(region);
    }

    String jdbcUrl(String region) {
        return "jdbc:postgresql://127.0.0.1:" + postgres(region) + "/" + ShopDatabase.NAME;
    }

    String bootstrap(String region) {
        return "127.0.0.1:" + kafka(region);
    }

    /** What has to stand behind {@code demo sql} to reach these ports. */
    String option() {
        return base == null ? "" : " --port-base " + base;
    }

    /** @throws CommandException with all ports that are taken, if any is */
    void requireFree(IntPredicate isFree) {
        List<Finding> taken = new ArrayList<>();
        for (String region : REGIONS) {
            check(taken, isFree, postgres(region), "PostgreSQL", region);
        }
        for (String region : REGIONS) {
            check(taken, isFree, kafka(region), "Kafka", region);
        }
        for (String region : REGIONS) {
            check(taken, isFree, console(region), "the console", region);
        }
        if (!taken.isEmpty()) {
            throw new CommandException(ExitCode.FAILED, taken);
        }
    }

    private static void check(List<Finding> taken, IntPredicate isFree, int port, String server, String region) {
        if (!isFree.test(port)) {
            taken.add(new Finding(
                    Finding.Severity.ERROR,
                    String.format(Locale.ROOT, "port %d", port),
                    "something listens there already, and " + server + " of " + region + " has to",
                    "end it (is another demo running?), or choose other ports with --port-base N"));
        }
    }

    private static int place(String region) {
        int place = REGIONS.indexOf(region);
        if (place < 0) {
            throw new IllegalArgumentException("no region '" + region + "' in the demo, only " + REGIONS);
        }
        return place;
    }
}
