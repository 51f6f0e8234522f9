package org.anabranch.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL 18 server of its own, on 127.0.0.1 only. Runs as root too, where it runs in a user namespace without rights.
 *
 * <p>Durability: fsync is off. What was committed survives the SIGKILL of any of its processes, but not a crash of the machine.
 */
public final class PostgresServer implements SandboxProcess {
    /** Name of the role that may do everything, made by initdb. */
    public static final String SUPERUSER = "postgres";

    /** Its password. The server listens on 127.0.0.1 only. */
    public static final String SUPERUSER_PASSWORD = "postgres";

    private static final Duration INITDB_MAX = Duration.ofMinutes(2);
    private static final Duration READY_MAX = Duration.ofMinutes(2);
    private static final Duration STOP_MAX = Duration.ofSeconds(20);
    private static final long READY_POLL_NANOS = 20_000_000;
    private static final int CONNECT_SECONDS_MAX = 5;
    private static final String SETTINGS_FILE = "sandbox.conf";

    private final Settings settings;
    /** So that a start notices a kill that found nothing to kill yet. */
    private final AtomicInteger kills = new AtomicInteger();

    private volatile @Nullable Child child;

    public PostgresServer(Settings settings) {
        this.settings = settings;
    }

    /**
     * Where and how a server runs.
     *
     * @param directory holds data/ and postgres.log; created if missing, the data in it is used if there
     * @param configuration more settings of postgresql.conf, which win over the sandbox's own
     * @param clockOffset how far its clock is ahead of the machine's, in whole seconds; needs libfaketime where it is not zero
     */
    public record Settings(
            String name, Path directory, int port, Map<String, String> configuration, Duration clockOffset) {
        public Settings {
            directory = directory.toAbsolutePath().normalize();
            configuration = Map.copyOf(configuration);
        }

        public Settings(String name, Path directory, int port) {
            this(name, directory, port, Map.of());
        }

        public Settings(String name, Path directory, int port, Map<String, String> configuration) {
            this(name, directory, port, configuration, Duration.ZERO);
        }

        public Settings withClock(Duration offset) {
            return new Settings(name, directory, port, configuration, offset);
        }
    }

    /** Blocks until the server answers SQL. Creates the data directory first if there is none. */
    @Override
    public synchronized void start() {
        int killsBefore = kills.get();
        endPredecessor();
        FreePorts.require(port(), name());
        Path binaries = PostgresBinaries.folder();
        try {
            if (!Files.exists(data().resolve("PG_VERSION"))) {
                initialize(binaries, killsBefore);
            }
            writeConfiguration();
            List<String> words = new ArrayList<>(Root.withoutRights());
            words.addAll(List.of(
                    binaries.resolve("bin/postgres").toString(),
                    "-D",
                    realData().toString()));
            awaitReady(launch(command(name(), words, binaries.resolve("bin/postgres"), realData()), killsBefore));
        } catch (IOException e) {
            throw new SandboxException("Cannot prepare the data directory " + data() + " of " + name(), e);
        }
    }

    /** Fast shutdown: sessions are ended, a checkpoint is written. */
    @Override
    public void stop() {
        @Nullable Child running = child;
        if (running != null) {
            running.stop(Signal.INT, STOP_MAX);
        }
    }

    @Override
    public void kill() {
        kills.incrementAndGet();
        @Nullable Child running = child;
        if (running != null) {
            running.kill();
        }
    }

    @Override
    public void pause() {
        running().pause();
    }

    @Override
    public void resume() {
        running().resume();
    }

    @Override
    public boolean isAlive() {
        @Nullable Child running = child;
        return running != null && running.isAlive();
    }

    /** The postmaster's. */
    @Override
    public long pid() {
        return running().pid();
    }

    @Override
    public String name() {
        return "PostgreSQL " + settings.name();
    }

    @Override
    public Path logFile() {
        return settings.directory().resolve("postgres.log");
    }

    public int port() {
        return settings.port();
    }

    /** Without user and password. */
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/" + database;
    }

    /** A new session of the superuser. */
    public Connection connect(String database) throws SQLException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(jdbcUrl(database));
        source.setUser(SUPERUSER);
        source.setPassword(SUPERUSER_PASSWORD);
        source.setConnectTimeout(CONNECT_SECONDS_MAX);
        source.setLoginTimeout(CONNECT_SECONDS_MAX);
        return source.getConnection();
    }

    /** Runs SQL as the superuser in the database postgres, outside of a transaction block: roles, databases. */
    public void execute(String sql) throws SQLException {
        execute("postgres", sql);
    }

    /** Runs SQL as the superuser. */
    public void execute(String database, String sql) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Child running() {
        @Nullable Child running = child;
        if (running == null || !running.isAlive()) {
            throw new SandboxException(name() + " is not running: start it first");
        }
        return running;
    }

    private void endPredecessor() {
        @Nullable Child before = child;
        if (before != null) {
            if (before.isAlive()) {
                throw new SandboxException(name() + " runs already as process " + before.pid());
            }
            before.kill();
        }
    }

    private Child launch(Child.Command command, int killsBefore) {
        Child started = ChildProcesses.start(command);
        child = started;
        if (kills.get() != killsBefore) {
            started.kill();
            throw new SandboxException(name() + " was killed while it started");
        }
        return started;
    }

    private Path data() {
        return settings.directory().resolve("data");
    }

    /** As the kernel shows it as the working directory of the server's processes. */
    private Path realData() throws IOException {
        return data().toRealPath();
    }

    private Child.Command command(String what, List<String> words, Path executable, @Nullable Path dataDirectory) {
        Path workingDirectory = dataDirectory == null ? settings.directory() : dataDirectory;
        Map<String, String> environment = new HashMap<>(ShiftedClock.environment(settings.clockOffset()));
        environment.put("LC_ALL", "C");
        return new Child.Command(
                what, words, executable, workingDirectory, dataDirectory, environment, "PG", logFile());
    }

    /** Under another name first, so that a killed initdb leaves nothing that looks like a data directory. */
    private void initialize(Path binaries, int killsBefore) throws IOException {
        Files.createDirectories(settings.directory());
        Path unfinished = settings.directory().resolve("data.unfinished");
        FileTree.delete(unfinished);
        Path passwordFile = settings.directory().resolve("superuser-password");
        Files.writeString(passwordFile, SUPERUSER_PASSWORD + "\n");
        List<String> words = new ArrayList<>(Root.withoutRights());
        words.addAll(List.of(binaries.resolve("bin/initdb").toString(), "--pgdata", unfinished.toString()));
        words.addAll(List.of("--username", SUPERUSER, "--pwfile", passwordFile.toString(), "--auth", "scram-sha-256"));
        words.addAll(List.of("--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin"));
        words.addAll(List.of("--builtin-locale", "C.UTF-8", "--no-sync", "--no-instructions"));
        String what = "initdb of " + name();
        Child initdb = launch(command(what, words, binaries.resolve("bin/initdb"), null), killsBefore);
        int exitCode = initdb.awaitExit(INITDB_MAX);
        Files.delete(passwordFile);
        if (exitCode != 0) {
            throw new SandboxException(what + " " + initdb.howItEnded());
        }
        Files.writeString(
                unfinished.resolve("postgresql.conf"),
                "\ninclude_if_exists = '" + SETTINGS_FILE + "'\n",
                StandardOpenOption.APPEND);
        Files.move(unfinished, data(), StandardCopyOption.ATOMIC_MOVE);
    }

    private void writeConfiguration() throws IOException {
        Map<String, String> configuration = new LinkedHashMap<>(Map.of(
                "listen_addresses", "127.0.0.1",
                "unix_socket_directories", "",
                "wal_level", "logical",
                "track_commit_timestamp", "on",
                "max_replication_slots", "32",
                "max_wal_senders", "32",
                "max_active_replication_origins", "500",
                "max_connections", "200",
                "fsync", "off",
                "full_page_writes", "off"));
        configuration.putAll(Map.of(
                "port", Integer.toString(port()),
                "timezone", "UTC",
                "log_timezone", "UTC",
                "log_line_prefix", "%m [%p] %q%u@%d ",
                // Files in the data directory: those of the default kind stay in memory when the server is killed.
                "dynamic_shared_memory_type", "mmap"));
        configuration.putAll(settings.configuration());
        StringBuilder text = new StringBuilder("# Written at every start.\n");
        configuration.forEach((key, value) ->
                text.append(key).append(" = '").append(value.replace("'", "''")).append("'\n"));
        Files.writeString(data().resolve(SETTINGS_FILE), text);
    }

    private void awaitReady(Child started) {
        long deadline = System.nanoTime() + READY_MAX.toNanos();
        String last = "";
        while (started.isAlive()
                && System.nanoTime() - deadline < 0
                && !Thread.currentThread().isInterrupted()) {
            try {
                requireOwnServer();
                return;
            } catch (SQLException notYet) {
                last = notYet.getMessage();
                LockSupport.parkNanos(READY_POLL_NANOS);
            }
        }
        String why = started.howItEnded();
        started.kill();
        throw new SandboxException(name() + " did not answer on 127.0.0.1:" + port() + " (" + last + "): it " + why);
    }

    /** Another server may hold the port. */
    private void requireOwnServer() throws SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("show data_directory")) {
            if (!result.next() || !Path.of(result.getString(1)).equals(realData())) {
                throw new SQLException("another server answers on this port");
            }
        } catch (IOException e) {
            throw new SQLException("the data directory is gone: " + data(), e);
        }
    }
}
