package org.anabranch.sandbox.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.anabranch.node.cli.Command;
import org.anabranch.node.cli.ExitCode;
import org.anabranch.node.cli.Output;
import org.anabranch.sandbox.ChildProcesses;
import org.anabranch.sandbox.FreePorts;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Runs three regions on this machine until it is told to end. */
@CommandLine.Command(
        name = "demo",
        subcommands = SqlCommand.class,
        description = {
            "Run three regions on this machine, hub, eu and us, each with its own PostgreSQL and Kafka; a small shop in the",
            "hub under load, with two tables that all regions write; and a view of how far behind each region is, and of",
            "conflicts. Ends on Ctrl-C, and leaves nothing behind.",
            "",
            "Ports on 127.0.0.1, for hub, eu, us: PostgreSQL 15431 15432 15433, Kafka 19091 19092 19093,",
            "consoles 18080 18081 18082. With --port-base N: PostgreSQL N to N+2, Kafka N+3 to N+5, consoles N+6 to N+8.",
            "The database is 'shop', user and password 'anabranch'."
        },
        commandListHeading = "%nCommands:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "  1:it could not start: a port is taken, or a server did not come up",
            "  2:invalid input",
            "130:ended by Ctrl-C, as it should",
            "143:ended by SIGTERM, as it should"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  anabranch demo",
            "  anabranch demo --dir shop --no-workload",
            "  anabranch demo sql eu \"select status, count(*) from orders group by status\""
        })
final class DemoCommand extends Command {

    private static final long DRAW_MILLIS = 500;
    private static final Duration PLAIN_LINE_EVERY = Duration.ofSeconds(5);
    private static final int SEED_MAX = 1_000_000;

    /** A Ctrl-C reaches the children too; what they do then must not be taken for a failure. */
    private static final long SIGNAL_MILLIS_MAX = 1_000;

    @Option(
            names = "--port-base",
            paramLabel = "N",
            description = "The first of nine ports in a row (default: the ports above).")
    private @Nullable Integer portBase;

    @Option(names = "--no-workload", description = "Write nothing: you do.")
    private boolean noWorkload;

    @Option(names = "--dir", paramLabel = "DIR", description = "Keep all data there; started there again, it goes on.")
    private @Nullable Path directory;

    @Option(names = "--plain", description = "Print plain lines, as when the output is no terminal.")
    private boolean plain;

    @Option(names = "--seed", paramLabel = "N", description = "Of the workload, to see the same again (default: any).")
    private long seed = ThreadLocalRandom.current().nextInt(SEED_MAX);

    private final CountDownLatch signalled = new CountDownLatch(1);

    @Override
    protected ExitCode run(Output output) throws Exception {
        DemoPorts ports = DemoPorts.of(portBase);
        ChildProcesses.cleanUpLeftovers();
        DemoFolder folder = directory == null ? DemoFolder.temporary() : DemoFolder.kept(directory);
        PrintStream errors = System.err;
        boolean drawn = !plain && Terminal.isStandardOutput();
        DemoView view = new DemoView(ports, folder.configuration(), drawn, Terminal.hasUnicode());
        Terminal terminal = new Terminal(System.out);
        Demo demo = new Demo(new Demo.Settings(ports, folder, !noWorkload, seed, output::line));
        try {
            ports.requireFree(FreePorts::isFree);
            ChildProcesses.beforeEnd(() -> endOnSignal(demo, terminal, output));
            output.line("Starting hub, eu and us in " + folder.path() + ", workload seed " + seed);
            System.setErr(log(folder));
            demo.start();
            if (drawn) {
                draw(demo, view, terminal);
            } else {
                print(demo, view, output);
            }
            return ExitCode.OK;
        } catch (Exception e) {
            waitIfSignalled(demo);
            terminal.close();
            demo.end();
            throw e;
        } finally {
            System.setErr(errors);
        }
    }

    private void draw(Demo demo, DemoView view, Terminal terminal) throws InterruptedException {
        do {
            terminal.draw(view.lines(demo.snapshot()));
        } while (!signalled.await(DRAW_MILLIS, TimeUnit.MILLISECONDS));
        waitForTheEnd();
    }

    private void print(Demo demo, DemoView view, Output output) throws InterruptedException {
        view.toTry().forEach(output::line);
        long lastLine = System.nanoTime();
        while (!signalled.await(DRAW_MILLIS, TimeUnit.MILLISECONDS)) {
            Snapshot snapshot = demo.snapshot();
            if (System.nanoTime() - lastLine >= PLAIN_LINE_EVERY.toNanos()) {
                lastLine = System.nanoTime();
                output.line(view.plainLine(snapshot));
            }
        }
        waitForTheEnd();
    }

    /** In the shutdown hook: the JVM ends with the signal's exit code when this returns. */
    private void endOnSignal(Demo demo, Terminal terminal, Output output) {
        if (demo.isEnding()) {
            return;
        }
        signalled.countDown();
        terminal.close();
        output.line("Ending ...");
        demo.end();
        output.line(
                directory == null
                        ? "Ended, and nothing is left."
                        : "Ended. The data is in " + directory + "; to go on: anabranch demo --dir " + directory);
    }

    private void waitIfSignalled(Demo demo) throws InterruptedException {
        if (demo.isEnding() || signalled.await(SIGNAL_MILLIS_MAX, TimeUnit.MILLISECONDS)) {
            waitForTheEnd();
        }
    }

    /** The shutdown hook does the rest; this thread must not end before it, or the exit code would be another. */
    private static void waitForTheEnd() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    /** The logs of the demo's own process, which would spoil the picture. */
    private static PrintStream log(DemoFolder folder) throws IOException {
        return new PrintStream(
                Files.newOutputStream(folder.log(), StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                true,
                StandardCharsets.UTF_8);
    }
}
