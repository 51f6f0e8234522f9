package org.anabranch.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.anabranch.sandbox.ChildJvm;
import org.anabranch.sandbox.FreePorts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The demo as a user starts it: a process of its own. */
class DemoIT {

    private static final Duration READY_MAX = Duration.ofMinutes(5);
    private static final Duration SEEN_MAX = Duration.ofMinutes(2);
    private static final Duration END_MAX = Duration.ofMinutes(2);
    private static final int ENDED_BY_SIGTERM = 143;
    private static final Pattern SOME_CONFLICTS = Pattern.compile("(?!0\\.0 )\\d+\\.\\d conflicts/s");
    private static final Pattern FOLDER = Pattern.compile("Starting hub, eu and us in (\\S+), workload seed 7");

    @TempDir
    Path directory;

    private final List<ChildJvm> programs = new ArrayList<>();

    @AfterEach
    void end() {
        programs.forEach(ChildJvm::kill);
    }

    @Test
    void whatIsWrittenInTheHubIsSeenInEuAndUsAndNothingIsLeftAfterSigterm() throws IOException {
        int base = freeBase();
        ChildJvm demo = start("temporary", base);
        awaitReady(demo);
        Matcher folder = FOLDER.matcher(Files.readString(demo.logFile()));
        assertThat(folder.find()).isTrue();

        write(base, "hub", "insert into products (name, price, stock) values ('Tea', 3.50, 9)");

        String query = "select name, price, stock from products where name = 'Tea'";
        for (String spoke : List.of("eu", "us")) {
            await().atMost(SEEN_MAX).until(() -> sql(base, spoke, query).lines().contains("Tea  |  3.50 |     9"));
        }
        List<ProcessHandle> processes = end(demo);
        assertThat(processes).hasSizeGreaterThan(20).noneMatch(DemoIT::runs);
        assertThat(Path.of(folder.group(1))).doesNotExist();
        assertThat(IntStream.range(base, base + 6)).allMatch(FreePorts::isFree);
        assertThat(Files.readString(demo.logFile())).endsWith("Ended, and nothing is left.\n");
    }

    @Test
    void aSecondStartInTheSameFolderGoesOnOnOtherPorts() throws IOException {
        int first = freeBase();
        String kept = directory.resolve("kept").toString();
        ChildJvm demo = start("first", first, "--dir", kept);
        awaitReady(demo);
        await().atMost(SEEN_MAX).untilAsserted(() -> assertThat(Files.readString(demo.logFile()))
                .containsPattern(SOME_CONFLICTS));
        write(first, "hub", "update products set name = 'from the first start' where id = 1");
        assertThat(end(demo)).noneMatch(DemoIT::runs);

        int second = freeBase();
        ChildJvm again = start("second", second, "--no-workload", "--dir", kept);
        awaitReady(again);
        write(second, "hub", "update products set stock = 4321 where id = 1");

        String query = "select name, stock from products where id = 1";
        await().atMost(SEEN_MAX)
                .untilAsserted(
                        () -> assertThat(sql(second, "us", query).lines()).contains("from the first start |  4321"));
        assertAllRegionsCount(second);
        for (String table : ShopDatabase.CONTESTED_TABLES) {
            await().atMost(SEEN_MAX).untilAsserted(() -> assertThat(DemoPorts.REGIONS.stream()
                            .map(region -> sql(second, region, "select * from " + table + " order by 1, 2"))
                            .distinct())
                    .hasSize(1));
        }
        assertThat(end(again)).noneMatch(DemoIT::runs);
    }

    private static void assertAllRegionsCount(int base) {
        String row = "where product_id = 40 and warehouse = 'north'";
        for (String region : DemoPorts.REGIONS) {
            write(base, region, "update inventory set on_hand = on_hand - 1 " + row);
        }
        for (String region : DemoPorts.REGIONS) {
            await().atMost(SEEN_MAX)
                    .untilAsserted(() -> assertThat(sql(base, region, "select on_hand from inventory " + row)
                                    .lines())
                            .contains("    997"));
        }
    }

    @Test
    void aTakenPortIsNamedBeforeAnythingStarts() throws IOException {
        int base = freeBase();
        try (ServerSocket taken = new ServerSocket(base + 4, 1, InetAddress.getLoopbackAddress())) {
            StringWriter errors = new StringWriter();
            CommandLine commandLine = Main.commandLine().setErr(new PrintWriter(errors));

            int exitCode = commandLine.execute("demo", "--plain", "--port-base", Integer.toString(base));

            assertThat(exitCode).isEqualTo(1);
            assertThat(errors.toString())
                    .isEqualTo("port " + taken.getLocalPort()
                            + ": something listens there already, and Kafka of eu has to; end it (is another demo running?),"
                            + " or choose other ports with --port-base N" + System.lineSeparator());
        }
    }

    @Test
    void sqlWithoutADemoSaysHowToStartOne() {
        int base = freeBase();

        assertThat(sql(base, "us", "select 1"))
                .isEqualTo(new Answer(
                        1,
                        List.of("region us: nothing answers on port " + (base + 2)
                                + "; start 'anabranch demo', or name the --port-base that it was started with")));
    }

    private ChildJvm start(String name, int base, String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("demo", "--plain", "--seed", "7", "--port-base", Integer.toString(base)));
        arguments.addAll(List.of(more));
        ChildJvm demo = new ChildJvm(new ChildJvm.Settings(
                "demo",
                Main.class.getName(),
                // The logging of the program, not that of the tests.
                List.of(
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dlogback.configurationFile=logback.xml"),
                arguments,
                directory.resolve(name + ".log")));
        programs.add(demo);
        demo.start();
        return demo;
    }

    private static void awaitReady(ChildJvm demo) {
        await().atMost(READY_MAX)
                .failFast("the demo has ended, see " + demo.logFile(), () -> !demo.isAlive())
                .until(() -> Files.readString(demo.logFile()).contains("READY after "));
    }

    /** Sends SIGTERM, and gives all processes that there were. */
    private static List<ProcessHandle> end(ChildJvm demo) {
        ProcessHandle handle = ProcessHandle.of(demo.pid()).orElseThrow();
        List<ProcessHandle> all = new ArrayList<>(handle.descendants().toList());
        all.add(handle);
        handle.destroy();
        assertThat(demo.awaitExit(END_MAX)).isEqualTo(ENDED_BY_SIGTERM);
        return all;
    }

    /** Not of a process that has ended and that nobody has asked about: in a container the first process may never ask. */
    private static boolean runs(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return process.isAlive() && stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException gone) {
            return false;
        }
    }

    /** What a command printed, on both ways out. */
    private record Answer(int exitCode, List<String> lines) {}

    private static void write(int base, String region, String sql) {
        assertThat(sql(base, region, sql)).isEqualTo(new Answer(0, List.of("1 row")));
    }

    private static Answer sql(int base, String region, String sql) {
        StringWriter text = new StringWriter();
        CommandLine commandLine =
                Main.commandLine().setOut(new PrintWriter(text, true)).setErr(new PrintWriter(text, true));
        int exitCode = commandLine.execute("demo", "sql", region, sql, "--port-base", Integer.toString(base));
        return new Answer(exitCode, text.toString().lines().toList());
    }

    /** The first of nine ports in a row that are free. */
    private static int freeBase() {
        List<Integer> nine = FreePorts.next(9);
        while (nine.getLast() != nine.getFirst() + 8) {
            nine = FreePorts.next(9);
        }
        return nine.getFirst();
    }
}
