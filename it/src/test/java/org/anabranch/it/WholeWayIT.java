package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.anabranch.replicator.Applier;
import org.anabranch.replicator.ApplierSettings;
import org.anabranch.replicator.DatabaseSettings;
import org.anabranch.replicator.Link;
import org.anabranch.replicator.LinkSettings;
import org.anabranch.replicator.MergeRules;
import org.anabranch.replicator.RegionTopics;
import org.anabranch.replicator.Resolver;
import org.anabranch.replicator.ResolverSettings;
import org.anabranch.replicator.TableRules;
import org.anabranch.schemas.Part;
import org.anabranch.schemas.TableSchema;
import org.anabranch.schemas.Topics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the hub's topic to the spoke's table: link, resolver, applier, each stopped and started in the middle of it. */
class WholeWayIT {

    private static final int PARTITIONS = 3;
    private static final int ACCOUNTS = 100;
    private static final int TRANSFERS = 3_000;

    @TempDir
    Path stateDirectory;

    private final String hubName = Servers.newName("hub");
    private final String region = Servers.newName("spoke");
    private final TableSchema accounts = Spoke.schema("accounts", List.of("id"), "", "id integer", "balance bigint");
    private final List<String> reports = new CopyOnWriteArrayList<>();
    private final List<Spoke.Running> running = new ArrayList<>();
    private Applier applier;

    @AfterEach
    void end() {
        running.forEach(Spoke.Running::stop);
    }

    @Test
    void transfersArriveOnceAndTheTotalIsTheSameInEveryRead() throws Exception {
        new RegionTopics(hubName, true, List.of(), List.of(), PARTITIONS, Servers.peerKafka()).ensure();
        new RegionTopics(region, false, List.of(hubName), List.of(hubName), PARTITIONS, Servers.kafka()).ensure();
        String database = Servers.newDatabase();
        String url = Servers.postgres().jdbcUrl(database);
        ApplierSettings settings = new ApplierSettings(
                database,
                region,
                List.of(hubName),
                new DatabaseSettings(url, Servers.ROLE, Servers.PASSWORD),
                Servers.kafka(),
                PARTITIONS,
                TableRules.all(TableRules.Rule.DEFAULT),
                MergeRules.NONE);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        long[] balances = new long[ACCOUNTS];
        try (HubStream hub =
                new HubStream(Servers.peerKafka(), Topics.changes(hubName), Topics.schemas(hubName), PARTITIONS)) {
            hub.publish(accounts);
            HubStream.Transaction first = hub.begin();
            for (int i = 0; i < ACCOUNTS; i++) {
                balances[i] = 1_000;
                first.insert(accounts, Integer.toString(i), "1000");
            }
            first.commit();
            startMissing(settings);
            awaitApplied(hub.lastHybridMicros());
            for (int i = 0; i < TRANSFERS; i++) {
                transfer(hub, random, balances);
                if (i % 300 == 299) {
                    hub.sendAgain(random.nextInt(200));
                    running.remove(random.nextInt(running.size())).stop();
                    startMissing(settings);
                    assertThat(total(url)).as("seed %s", seed).isEqualTo(ACCOUNTS * 1_000L);
                }
            }
            awaitApplied(hub.begin().commit());
        }
        assertThat(balancesAt(url)).as("seed %s", seed).isEqualTo(balances);
    }

    private void transfer(HubStream hub, Random random, long[] balances) {
        int from = random.nextInt(ACCOUNTS);
        int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
        int amount = random.nextInt(100);
        balances[from] -= amount;
        balances[to] += amount;
        hub.begin()
                .update(accounts, Integer.toString(from), Long.toString(balances[from]))
                .update(accounts, Integer.toString(to), Long.toString(balances[to]))
                .commitSoon();
    }

    private void startMissing(ApplierSettings settings) {
        List<String> there = running.stream().map(run -> run.part.name()).toList();
        LinkSettings link = new LinkSettings(
                "shop",
                region,
                hubName,
                List.of(hubName),
                List.of(hubName),
                Servers.peerKafka(),
                Servers.kafka(),
                PARTITIONS,
                null);
        ResolverSettings resolver = new ResolverSettings(
                "shop", region, List.of(hubName), Servers.kafka(), stateDirectory, MergeRules.NONE);
        Map<String, Part> all = Map.of(
                "link from " + hubName,
                new Link(link, InstantSource.system()),
                "resolver",
                new Resolver(resolver),
                "applier",
                new Applier(settings, InstantSource.system()));
        all.forEach((name, part) -> {
            if (!there.contains(name)) {
                running.add(new Spoke.Running(part, reports));
                applier = part instanceof Applier started ? started : applier;
            }
        });
    }

    private void awaitApplied(long hybridMicros) {
        await().atMost(Tables.PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> applier.paths().stream()
                .anyMatch(path -> path.replicatedUntilMicros() >= hybridMicros));
    }

    private static long total(String url) throws Exception {
        long total = 0;
        for (long balance : balancesAt(url)) {
            total += balance;
        }
        return total;
    }

    private static long[] balancesAt(String url) throws Exception {
        long[] balances = new long[ACCOUNTS];
        try (Connection connection = DriverManager.getConnection(url, Servers.ROLE, Servers.PASSWORD);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id, balance FROM accounts")) {
            while (rows.next()) {
                balances[rows.getInt(1)] = rows.getLong(2);
            }
        }
        return balances;
    }
}
