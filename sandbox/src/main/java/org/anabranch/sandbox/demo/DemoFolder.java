package org.anabranch.sandbox.demo;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.anabranch.node.cli.CommandException;
import org.anabranch.node.cli.ExitCode;
import org.anabranch.sandbox.ChildProcesses;
import org.anabranch.schemas.Finding;
import org.jspecify.annotations.Nullable;

/** The demo's folder: the data of all servers, their logs, the configuration file. A temporary one goes with the demo. */
final class DemoFolder {

    private static final String CONFIGURATION = "demo.yaml";
    private static final String PASSWORD = "password";
    private static final String LOCK = "demo.lock";
    private static final String CONTESTED = """
              - table: public.inventory
                writers: all
                merge: { default: last-writer-wins-per-column, columns: { on_hand: counter } }
              - table: public.carts
                writers: all
            """;

    private final Path path;
    private final boolean temporary;
    private final @Nullable FileLock lock;

    private DemoFolder(Path path, boolean temporary, @Nullable FileLock lock) {
        this.path = path;
        this.temporary = temporary;
        this.lock = lock;
    }

    static DemoFolder temporary() {
        return new DemoFolder(ChildProcesses.temporaryFolder(), true, null);
    }

    /**
     * A folder to keep: new, empty, or that of a demo before.
     *
     * @throws CommandException if it is something else, or if another demo runs in it
     */
    static DemoFolder kept(Path path) {
        Path folder = path.toAbsolutePath().normalize();
        try {
            Files.createDirectories(folder);
            requireOwn(folder);
            FileChannel file =
                    FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(file);
            if (lock == null) {
                file.close();
                throw refused(folder, "another demo runs in this folder", "end that one, or choose another folder");
            }
            return new DemoFolder(folder, false, lock);
        } catch (IOException e) {
            throw refused(folder, "the folder cannot be used: " + e, "choose another folder");
        }
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static void requireOwn(Path folder) throws IOException {
        if (Files.exists(folder.resolve(LOCK))) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            if (files.findAny().isPresent()) {
                throw refused(
                        folder,
                        "the folder is not empty, and not that of a demo",
                        "choose an empty folder or a new one");
            }
        }
    }

    private static CommandException refused(Path folder, String what, String fix) {
        return new CommandException(
                ExitCode.INVALID_INPUT, List.of(new Finding(Finding.Severity.ERROR, "--dir " + folder, what, fix)));
    }

    Path path() {
        return path;
    }

    boolean isTemporary() {
        return temporary;
    }

    Path configuration() {
        return path.resolve(CONFIGURATION);
    }

    /** The demo's own log. */
    Path log() {
        return path.resolve("demo.log");
    }

    Path nodeLog(String region) {
        return path.resolve("node-" + region + ".log");
    }

    /** Where the nodes keep files of their own. */
    Path nodeData() {
        return path.resolve("node-data");
    }

    /** Writes the configuration file for these ports, and the file with the password that it names. */
    void writeConfiguration(DemoPorts ports) throws IOException {
        Files.writeString(path.resolve(PASSWORD), ShopDatabase.PASSWORD + "\n");
        Files.writeString(configuration(), yaml(ports));
    }

    static String yaml(DemoPorts ports) {
        StringBuilder yaml = new StringBuilder("# Written by 'anabranch demo' at every start.\n");
        yaml.append("pipeline: shop\ntopology: hub-and-spoke\nhub: hub\nrpo: 5s\npartitions: 2\nregions:\n");
        for (String region : DemoPorts.REGIONS) {
            yaml.append("""
                      %s:
                        postgres:
                          url: "%s"
                          user: %s
                          password: "${file:%s}"
                        kafka:
                          bootstrap: "%s"
                        http: "127.0.0.1:%d"
                    """.formatted(
                            region,
                            ports.jdbcUrl(region),
                            ShopDatabase.USER,
                            PASSWORD,
                            ports.bootstrap(region),
                            ports.console(region)));
        }
        yaml.append("tables:\n");
        for (String table : ShopDatabase.HUB_TABLES) {
            yaml.append("  - table: public.").append(table).append('\n');
        }
        return yaml.append(CONTESTED).toString();
    }

    /** Deletes it if it is temporary, and lets go of it otherwise. Blocks. */
    void close() throws IOException {
        if (temporary) {
            ChildProcesses.deleteTemporaryFolder(path);
        }
        if (lock != null) {
            lock.channel().close();
        }
    }
}
