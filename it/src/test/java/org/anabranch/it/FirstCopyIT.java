package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.anabranch.node.config.Pipeline;
import org.anabranch.schemas.RegionStatus.CopyStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stood in the hub before the start is copied, while it changes, and goes on where it was. */
class FirstCopyIT {

    private static final int ROWS = Integer.getInteger("copy.rows", 150_000);

    /** Between writes: as fast as it can, a writer would leave capture nothing of two cores. */
    private static final long PAUSE_NANOS = 1_000_000;

    @Test
    void aTableThatChangesWhileItIsCopiedAndWhoseNodesAreEndedArrivesWhole(@TempDir Path directory) throws Exception {
        String name = "copied";
        Pipeline pipeline = Pipelines.create(name, directory, "  - table: public.*\n");
        Tables.execute(
                name,
                "hub",
                "CREATE TABLE t (id int PRIMARY KEY, v text, n int)",
                "INSERT INTO t SELECT i * 2, 'row ' || i, i FROM generate_series(1, " + ROWS + ") i");
        AtomicBoolean writing = new AtomicBoolean(true);
        Thread writer = Thread.ofPlatform().start(() -> write(name, writing));
        try {
            long copiedBefore = 0;
            for (int round = 0; round < 3; round++) {
                try (Nodes nodes = Nodes.start(pipeline, directory)) {
                    long from = copiedBefore;
                    await().atMost(Tables.PATIENCE).until(() -> nodes.copiedRows() > from);
                    assertThat(nodes.copiedRows()).as("goes on where it was").isGreaterThan(from);
                    copiedBefore = nodes.copiedRows();
                }
            }
            try (Nodes nodes = Nodes.start(pipeline, directory)) {
                await().atMost(Tables.PATIENCE)
                        .until(() -> nodes.copies().stream().allMatch(CopyStatus::done)
                                && !nodes.copies().isEmpty());
                writing.set(false);
                writer.join();
                Tables.awaitSame(name, "t");
            }
        } finally {
            writing.set(false);
        }
    }

    private static void write(String pipeline, AtomicBoolean writing) {
        Random random = new Random(11);
        int moved = 0;
        try (Connection hub = Pipelines.connect(pipeline, "hub");
                PreparedStatement update = hub.prepareStatement("UPDATE t SET n = ? WHERE id = ?");
                PreparedStatement delete = hub.prepareStatement("DELETE FROM t WHERE id = ?");
                PreparedStatement insert =
                        hub.prepareStatement("INSERT INTO t VALUES (?, 'new', 0) ON CONFLICT (id) DO NOTHING");
                PreparedStatement move = hub.prepareStatement("UPDATE t SET id = ? WHERE id = ?")) {
            while (writing.get()) {
                update.setInt(1, random.nextInt());
                update.setInt(2, 2 * random.nextInt(ROWS));
                update.executeUpdate();
                delete.setInt(1, 2 * random.nextInt(ROWS));
                delete.executeUpdate();
                insert.setInt(1, random.nextInt(2 * ROWS));
                insert.executeUpdate();
                int id = 2 * random.nextInt(ROWS);
                moved++;
                move.setInt(1, -moved);
                move.setInt(2, id);
                move.executeUpdate();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aTargetThatHasRowsIsRefusedUntilTheConfigurationSaysWhatToDo(@TempDir Path directory) throws Exception {
        String name = "rows";
        Pipeline refusing = Pipelines.create(name, directory, "  - table: public.t\n");
        Tables.execute(name, "hub", "CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'hub')");
        for (String spoke : List.of("eu", "us")) {
            Tables.execute(
                    name,
                    spoke,
                    "CREATE TABLE t (id int PRIMARY KEY, v text)",
                    "INSERT INTO t VALUES (1, 'old'), (2, 'old')");
        }
        try (Nodes nodes = Nodes.start(refusing, directory)) {
            await().atMost(Tables.PATIENCE)
                    .until(() -> nodes.detail("eu", "applier").contains("existing: keep"));
            assertThat(Tables.rows(name, "eu", "t")).containsExactly("1\told", "2\told");
        }
        Pipeline replacing = Pipelines.rewrite(name, directory, "  - { table: public.t, existing: replace }\n");
        try (Nodes nodes = Nodes.start(replacing, directory)) {
            Tables.awaitSame(name, "t");
            assertThat(Tables.rows(name, "us", "t")).containsExactly("1\thub");
            assertThat(nodes.detail("eu", "applier")).doesNotContain("existing");
        }
    }
}
