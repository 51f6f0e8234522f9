package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.anabranch.capture.Capture;
import org.anabranch.capture.CaptureSettings;
import org.anabranch.capture.SourceCheck;
import org.anabranch.capture.TablePattern;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.replicator.Applier;
import org.anabranch.replicator.ApplierSettings;
import org.anabranch.replicator.JournalLimits;
import org.anabranch.replicator.MergeRules;
import org.anabranch.replicator.RegionTopics;
import org.anabranch.replicator.Resolver;
import org.anabranch.replicator.ResolverSettings;
import org.anabranch.replicator.TableRules;
import org.anabranch.sandbox.PostgresServer;
import org.anabranch.schemas.Part;

/** Two regions that write the same tables: captured, resolved and applied for real, on one broker, so without links. */
final class TwoRegions implements AutoCloseable {

    private static final int PARTITIONS = 2;
    private static final MergeRules.Rule COUNTING = new MergeRules.Rule(
            "last-writer-wins-per-column", Map.of("on_hand", "counter"), DeletePolicy.LAST_WRITER_WINS);

    final List<String> reports = new CopyOnWriteArrayList<>();
    private final String pipeline = Servers.newName("two");
    private final List<String> regions = List.of(Servers.newName("eu"), Servers.newName("us"));
    private final List<PostgresServer> servers;
    private final Path directory;
    private final MergeRules merges;
    private final List<Spoke.Running> running = new ArrayList<>();
    private final List<Spoke.Running> resolvers = new ArrayList<>();
    private final List<Applier> appliers = new ArrayList<>();
    private final List<Connection> connections = new ArrayList<>();

    /**
     * @param servers of each region
     * @param table what makes the table that they share
     */
    TwoRegions(List<PostgresServer> servers, Path directory, String table) throws Exception {
        this(servers, directory, table, COUNTING);
    }

    TwoRegions(List<PostgresServer> servers, Path directory, String table, MergeRules.Rule rule) throws Exception {
        merges = any -> Optional.of(rule);
        this.servers = servers;
        this.directory = directory;
        for (int region = 0; region < 2; region++) {
            servers.get(region).execute("CREATE DATABASE " + regions.get(region));
            connections.add(connect(region));
            execute(region, table);
            List<String> other = List.of(regions.get(1 - region));
            new RegionTopics(regions.get(region), true, other, List.of(), PARTITIONS, Servers.kafka()).ensure();
        }
        for (int region = 0; region < 2; region++) {
            start(servers.get(region), regions.get(region));
        }
    }

    private void start(PostgresServer server, String region) {
        String url = server.jdbcUrl(region);
        String user = PostgresServer.SUPERUSER;
        String password = PostgresServer.SUPERUSER_PASSWORD;
        start(new Capture(new CaptureSettings(
                pipeline + region,
                region,
                new org.anabranch.capture.DatabaseSettings(url, user, password),
                Servers.kafka(),
                PARTITIONS,
                List.of(new TablePattern("public.*", table -> table.schema().equals("public"))),
                Duration.ofMillis(200),
                table -> true)));
        resolvers.add(startResolver(region, directory.resolve(region)));
        Applier applier = new Applier(
                new ApplierSettings(
                        pipeline + region,
                        region,
                        regions,
                        new org.anabranch.replicator.DatabaseSettings(url, user, password),
                        Servers.kafka(),
                        PARTITIONS,
                        TableRules.all(new TableRules.Rule(true, false, TableRules.Existing.KEEP)),
                        merges,
                        JournalLimits.DEFAULT,
                        table -> regions),
                InstantSource.system());
        appliers.add(applier);
        start(applier);
    }

    /** As one more node of the region would run it. */
    Spoke.Running startResolver(int region, String node) {
        return startResolver(regions.get(region), directory.resolve(node));
    }

    private Spoke.Running startResolver(String region, Path files) {
        return start(new Resolver(new ResolverSettings(pipeline, region, regions, Servers.kafka(), files, merges)));
    }

    private Spoke.Running start(Part part) {
        Spoke.Running started = new Spoke.Running(part, reports);
        running.add(started);
        return started;
    }

    /** The one that was there from the beginning. */
    void stopResolver(int region) {
        resolvers.get(region).stop();
    }

    /** Neither has seen the other's: the second region begins first and ends last. */
    void atTheSameTime(String inFirst, String... inSecond) throws SQLException {
        try (Connection open = connect(1)) {
            open.setAutoCommit(false);
            SharedPostgres.execute(open, inSecond);
            execute(0, inFirst);
            open.commit();
        }
    }

    /** One more session in a region. */
    Connection connect(int region) throws SQLException {
        return servers.get(region).connect(regions.get(region));
    }

    void execute(int region, String... statements) throws SQLException {
        SharedPostgres.execute(connections.get(region), statements);
    }

    String value(int region, String sql) throws SQLException {
        try (Statement statement = connections.get(region).createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }

    /** Waits until a query has this result in both. */
    void awaitBoth(String sql, String expected) {
        await().atMost(Tables.PATIENCE).untilAsserted(() -> assertThat(List.of(value(0, sql), value(1, sql)))
                .as("%s", reports)
                .containsExactly(expected, expected));
    }

    /** What a check says of a region's clock. */
    Duration clockAhead(int region) {
        String url = servers.get(region).jdbcUrl(regions.get(region));
        return new SourceCheck(new SourceCheck.Settings(
                        regions.get(region),
                        new org.anabranch.capture.DatabaseSettings(
                                url, PostgresServer.SUPERUSER, PostgresServer.SUPERUSER_PASSWORD),
                        "slot",
                        "publication",
                        List.of(),
                        List.of(),
                        table -> true))
                .source()
                .orElseThrow()
                .clockAhead();
    }

    /** What a region's status says of rows without parents: the foreign key, and how many. */
    List<String> orphans(int region) {
        return appliers.get(region).orphans().stream()
                .map(of -> of.table() + " " + of.constraint() + " " + of.parent() + " " + of.rows())
                .toList();
    }

    @Override
    public void close() throws SQLException {
        running.forEach(Spoke.Running::stop);
        for (Connection connection : connections) {
            connection.close();
        }
    }
}
