package org.anabranch.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A program that uses the sandbox, for the tests of what is left when it ends. Arguments: the directory, and how to go on when
 * its server runs: wait, end, or fail.
 */
final class SandboxMain {
    private SandboxMain() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Path.of(arguments[0]);
        Path temporary = ChildProcesses.temporaryFolder();
        PostgresServer server = new PostgresServer(
                new PostgresServer.Settings("orphan", directory.resolve("postgres"), FreePorts.next()));
        server.start();
        ChildJvm sleeper = new ChildJvm(new ChildJvm.Settings(
                "sleeper",
                Sleeper.class.getName(),
                List.of("-Xmx32m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                List.of(),
                directory.resolve("sleeper.log")));
        sleeper.start();
        Path unfinished = directory.resolve("running.unfinished");
        Files.writeString(unfinished, server.pid() + "\n" + sleeper.pid() + "\n" + temporary + "\n");
        Files.move(unfinished, directory.resolve("running"));
        switch (arguments[1]) {
            case "wait" -> new CountDownLatch(1).await();
            case "end" -> System.out.println("ending by itself, with its server running");
            default -> throw new IllegalStateException("failing on purpose, with its server running");
        }
    }

    /** Does nothing for ever. */
    static final class Sleeper {
        private Sleeper() {}

        public static void main(String[] arguments) throws InterruptedException {
            new CountDownLatch(1).await();
        }
    }
}
