package org.anabranch.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.anabranch.sandbox.FreePorts;
import org.anabranch.sandbox.KafkaBroker;
import org.anabranch.sandbox.PostgresServer;

/** One PostgreSQL and one broker for all tests that need nothing but a database and topics of their own in them. */
final class Servers {

    /** The role that everything is done with: no superuser, and with nothing but what the README grants. */
    static final String ROLE = "plain_role";

    static final String PASSWORD = "canary-7d1f";

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Path DIRECTORY = directory();
    private static final PostgresServer POSTGRES = new PostgresServer(new PostgresServer.Settings(
            "shared", DIRECTORY.resolve("pg"), FreePorts.next(), Map.of("max_active_replication_origins", "500")));
    private static final KafkaBroker BROKER =
            new KafkaBroker(new KafkaBroker.Settings("shared", DIRECTORY.resolve("kafka"), FreePorts.next()));

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            POSTGRES.kill();
            BROKER.kill();
        }));
        POSTGRES.start();
        BROKER.start();
        try {
            POSTGRES.execute("CREATE ROLE " + ROLE + " LOGIN PASSWORD '" + PASSWORD + "'");
            POSTGRES.execute("GRANT SET ON PARAMETER session_replication_role TO " + ROLE);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Servers() {}

    private static Path directory() {
        try {
            return Files.createTempDirectory("anabranch-it");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static PostgresServer postgres() {
        return POSTGRES;
    }

    static KafkaBroker broker() {
        return BROKER;
    }

    private static final class Peer {
        private static final KafkaBroker BROKER =
                new KafkaBroker(new KafkaBroker.Settings("peer", DIRECTORY.resolve("peer"), FreePorts.next()));

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(BROKER::kill));
            BROKER.start();
        }
    }

    /** Another region's broker, started by the first test that asks for it. */
    static KafkaBroker peerBroker() {
        return Peer.BROKER;
    }

    static Map<String, Object> peerKafka() {
        return Map.of("bootstrap.servers", peerBroker().bootstrap());
    }

    static Map<String, Object> kafka() {
        return Map.of("bootstrap.servers", BROKER.bootstrap());
    }

    static String newName(String prefix) {
        return prefix + NUMBER.incrementAndGet();
    }

    /** A database in which the role has what an applier needs, and no more. */
    static String newDatabase() throws SQLException {
        String name = newName("db");
        POSTGRES.execute("CREATE DATABASE " + name);
        POSTGRES.execute("GRANT CREATE ON DATABASE " + name + " TO " + ROLE);
        POSTGRES.execute(name, "GRANT CREATE ON SCHEMA public TO " + ROLE);
        POSTGRES.execute(name, "GRANT EXECUTE ON FUNCTION pg_replication_origin_create(text) TO " + ROLE);
        POSTGRES.execute(name, "GRANT EXECUTE ON FUNCTION pg_replication_origin_session_setup(text) TO " + ROLE);
        return name;
    }
}
