package org.anabranch.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresServerIT {
    @TempDir
    Path directory;

    private PostgresServer server;

    @BeforeEach
    void configure() {
        server = new PostgresServer(new PostgresServer.Settings(
                "test", directory.resolve("with space"), FreePorts.next(), Map.of("work_mem", "5MB")));
    }

    @AfterEach
    void end() {
        server.kill();
    }

    @Test
    void isReadyForLogicalReplicationWhenStartReturns() throws SQLException {
        server.start();

        assertThat(query("show wal_level")).containsExactly("logical");
        assertThat(query("show track_commit_timestamp")).containsExactly("on");
        assertThat(query("show listen_addresses")).containsExactly("127.0.0.1");
        assertThat(query("show server_encoding")).containsExactly("UTF8");
        assertThat(query("show work_mem")).containsExactly("5MB");
        assertThat(query("select pg_backend_pid() <> " + server.pid())).containsExactly("t");
        assertThat(ProcessHandle.of(server.pid()).orElseThrow().children()).isNotEmpty();
    }

    @Test
    void keepsCommittedRowsAndLeavesNoProcessOrSharedMemoryWhenItIsKilledAndStartedAgain()
            throws SQLException, IOException {
        server.start();
        server.execute("create table kept (id int primary key)");
        server.execute("insert into kept values (42)");
        Set<ProcessIdentity> members = group().members();
        String segment = ownSegment();
        assertThat(segments()).contains(segment);

        try (Connection busy = server.connect("postgres")) {
            CompletableFuture<Void> sleeping = CompletableFuture.runAsync(() -> sleepForever(busy));
            await().atMost(Duration.ofMinutes(2)).until(() -> query(
                            "select count(*) from pg_stat_activity where query like '%pg_sleep(600)%' and pid <> pg_backend_pid()")
                    .equals(List.of("1")));
            server.kill();

            assertThat(members).hasSizeGreaterThan(4).noneMatch(ProcessIdentity::isAlive);
            assertThat(group().members()).isEmpty();
            assertThat(segments()).doesNotContain(segment);
            assertThat(sleeping).failsWithin(Duration.ofMinutes(2));
        }
        assertThat(server.isAlive()).isFalse();

        server.start();
        assertThat(query("select id from kept")).containsExactly("42");
    }

    @Test
    void startsAgainWhenOnlyThePostmasterWasKilledByAnother() throws SQLException {
        server.start();
        server.execute("create table kept as select 7 as id");
        long postmaster = server.pid();
        ProcessHandle.of(postmaster).orElseThrow().destroyForcibly();
        await().atMost(Duration.ofMinutes(2)).until(() -> !server.isAlive());

        server.start();

        assertThat(server.pid()).isNotEqualTo(postmaster);
        assertThat(query("select id from kept")).containsExactly("7");
    }

    @Test
    void answersNothingWhilePausedAndGoesOnWhenResumed() throws Exception {
        server.start();
        server.pause();

        CompletableFuture<List<String>> answer = CompletableFuture.supplyAsync(this::one);
        assertThatThrownBy(() -> answer.get(500, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        server.resume();

        assertThat(answer).succeedsWithin(Duration.ofMinutes(2)).isEqualTo(List.of("1"));
    }

    @Test
    void stopsInOrderEvenWhenPausedAndWithAnOpenSession() throws SQLException, IOException {
        server.start();
        try (Connection open = server.connect("postgres")) {
            assertThat(open.isValid(1)).isTrue();
            server.pause();
            server.stop();
        }

        assertThat(server.isAlive()).isFalse();
        assertThat(server.logFile()).content().contains("database system is shut down");
    }

    @Test
    void saysSoWhenItsPortIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(server.port(), 1, InetAddress.getLoopbackAddress())) {
            assertThat(taken.isBound()).isTrue();

            assertThatThrownBy(server::start)
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("PostgreSQL test")
                    .hasMessageContaining("port " + server.port() + " of 127.0.0.1 is in use");
        }
        assertThat(server.isAlive()).isFalse();
    }

    @Test
    void aServerThatEndsWhileStartingSaysWhyAndLeavesNothingRunning() {
        PostgresServer wrong = new PostgresServer(new PostgresServer.Settings(
                "wrong", directory.resolve("wrong"), server.port(), Map.of("wal_level", "no such level")));

        assertThatThrownBy(wrong::start)
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("PostgreSQL wrong did not answer")
                .hasMessageContaining("exit code 1")
                .hasMessageContaining("invalid value for parameter \"wal_level\"");

        assertThat(wrong.isAlive()).isFalse();
        assertThat(ProcessIdentity.all()).noneMatch(process -> process.workingDirectory()
                .filter(path -> path.startsWith(directory.toString()))
                .isPresent());
    }

    private ProcessGroup group() throws IOException {
        Path data = directory.resolve("with space/data").toRealPath();
        ProcessIdentity root = server.isAlive()
                ? ProcessIdentity.of(server.pid()).orElseThrow()
                : new ProcessIdentity(Long.MAX_VALUE, 0);
        return new ProcessGroup(root, PostgresBinaries.folder().resolve("bin/postgres"), data);
    }

    /** Key and id, from the last of what the server writes down of its memory. */
    private String ownSegment() throws IOException {
        List<String> lines = Files.readAllLines(directory.resolve("with space/data/postmaster.pid"));
        return lines.get(6).strip().replaceAll("\\s+", " ");
    }

    /** Of all programs: key and id. */
    private static List<String> segments() throws IOException {
        return Files.readAllLines(Path.of("/proc/sysvipc/shm")).stream()
                .map(line -> line.strip().split("\\s+", -1))
                .map(columns -> columns[0] + " " + columns[1])
                .toList();
    }

    private static void sleepForever(Connection connection) {
        try (Statement statement = connection.createStatement()) {
            statement.execute("select pg_sleep(600)");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> one() {
        try {
            return query("select 1");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> query(String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                values.add(result.getString(1));
            }
        }
        return values;
    }
}
