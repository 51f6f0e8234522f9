package org.anabranch.it;

import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.anabranch.replicator.Applier;
import org.anabranch.replicator.ApplierSettings;
import org.anabranch.replicator.DatabaseSettings;
import org.anabranch.replicator.JournalLimits;
import org.anabranch.replicator.MergeRules;
import org.anabranch.replicator.TableRules;
import org.anabranch.replicator.TableWriters;
import org.anabranch.schemas.Part;
import org.anabranch.schemas.PartState;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.anabranch.schemas.Topics;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.jspecify.annotations.Nullable;

/** A region with a database of its own, its resolved topic written by the test, and appliers that come and go. */
final class Spoke implements AutoCloseable {

    static final int PARTITIONS = 3;

    final String region = Servers.newName("region");
    final String origin = Servers.newName("hub");
    final String database;
    final HubStream hub;
    final List<String> reports = new CopyOnWriteArrayList<>();
    TableWriters writers = TableWriters.UNKNOWN;
    TableRules.Rule rule = TableRules.Rule.DEFAULT;
    private @Nullable Running running;

    /** A part on a thread of its own. */
    static final class Running {
        final Part part;
        private final Thread thread;
        private volatile @Nullable Throwable failure;

        Running(Part part, List<String> reports) {
            this.part = part;
            thread = Thread.ofPlatform().name(part.name()).start(() -> {
                try {
                    part.run((state, detail) -> reports.add(state + " " + detail));
                } catch (Throwable e) {
                    failure = e;
                    reports.add("threw " + e.getMessage());
                }
            });
        }

        void stop() {
            part.stop();
            join();
        }

        @Nullable
        Throwable join() {
            try {
                thread.join(Tables.PATIENCE);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (thread.isAlive()) {
                throw new IllegalStateException(part.name() + " does not end");
            }
            return failure;
        }
    }

    Spoke() throws Exception {
        database = Servers.newDatabase();
        try (Admin admin = Admin.create(Servers.kafka())) {
            Map<String, String> large = Map.of("max.message.bytes", Integer.toString(72 << 20));
            admin.createTopics(List.of(
                            new NewTopic(Topics.resolved(region), PARTITIONS, (short) 1).configs(large),
                            new NewTopic(Topics.schemas(origin), 1, (short) 1)
                                    .configs(Map.of("cleanup.policy", "compact"))))
                    .all()
                    .get();
            Topic.awaitLeaders(admin, List.of(Topics.resolved(region), Topics.schemas(origin)));
        }
        hub = new HubStream(Servers.kafka(), Topics.resolved(region), Topics.schemas(origin), PARTITIONS);
    }

    ApplierSettings settings() {
        return new ApplierSettings(
                database,
                region,
                List.of(origin),
                new DatabaseSettings(Servers.postgres().jdbcUrl(database), Servers.ROLE, Servers.PASSWORD),
                Servers.kafka(),
                PARTITIONS,
                TableRules.all(rule),
                MergeRules.NONE,
                JournalLimits.DEFAULT,
                writers);
    }

    Applier applier() {
        return new Applier(settings(), InstantSource.system());
    }

    /** Starts an applier. */
    Applier start() {
        Applier applier = applier();
        running = new Running(applier, reports);
        return applier;
    }

    void stop() {
        if (running != null) {
            running.stop();
        }
        running = null;
    }

    @Nullable
    Throwable failure() {
        return running == null ? null : running.join();
    }

    /** Waits until that transaction of the hub is applied, durably. */
    void awaitApplied(long hybridMicros) {
        await().atMost(Tables.PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> {
            Running now = running;
            if (now != null && now.failure != null) {
                throw new IllegalStateException("the applier failed", now.failure);
            }
            return now != null
                    && ((Applier) now.part)
                            .paths().stream().anyMatch(path -> path.replicatedUntilMicros() >= hybridMicros);
        });
    }

    void awaitReport(String part) {
        await().atMost(Tables.PATIENCE).until(() -> reports.stream().anyMatch(report -> report.contains(part)));
    }

    /** Rows as text, columns separated by a bar. */
    List<String> rows(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> texts = new ArrayList<>();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.add(rows.getString(i));
                }
                texts.add(String.join("|", row.stream().map(String::valueOf).toList()));
            }
            return texts;
        }
    }

    List<String> tables() throws SQLException {
        return rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(Servers.postgres().jdbcUrl(database), Servers.ROLE, Servers.PASSWORD);
    }

    void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** A table that the target gets from its schema. */
    TableSchema table(String name, String key, String... columns) {
        TableSchema schema = schema(name, List.of(key.split(",")), "", columns);
        hub.publish(schema);
        return schema;
    }

    /** @param constraints more of the CREATE TABLE, beginning with a comma */
    static TableSchema schema(String name, List<String> key, String constraints, String... columns) {
        List<TableSchema.Column> parsed = new ArrayList<>();
        List<String> definitions = new ArrayList<>();
        for (String column : columns) {
            String[] words = column.split(" ", 2);
            parsed.add(new TableSchema.Column(words[0], words[1]));
            definitions.add(TableName.quote(words[0]) + " " + words[1]);
        }
        TableName table = new TableName("public", name);
        String keys = String.join(", ", key.stream().map(TableName::quote).toList());
        String sql = "CREATE TABLE " + table.quoted() + " (" + String.join(", ", definitions) + ", PRIMARY KEY (" + keys
                + ")" + constraints + ")";
        String exists = "SELECT 1 FROM pg_class WHERE relname = '" + name + "'";
        return new TableSchema(
                table,
                parsed,
                key,
                "DEFAULT",
                List.of(new TableSchema.CreateStatement("table", table.toString(), exists, sql)));
    }

    @Override
    public void close() {
        if (running != null) {
            running.part.stop();
            running.join();
        }
        hub.close();
    }

    static boolean isWaiting(String report) {
        return report.startsWith(PartState.WAITING.name());
    }
}
