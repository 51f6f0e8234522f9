package org.anabranch.it;

import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.anabranch.sandbox.KafkaBroker;
import org.anabranch.sandbox.PostgresServer;

/** Of the shared cluster, for tests that need nothing but a database and topics of their own. */
final class Servers {

    /** The role that everything is done with: no superuser, and with nothing but what the README grants. */
    static final String ROLE = "plain_role";

    static final String PASSWORD = "canary-7d1f";

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final PostgresServer POSTGRES =
            SharedCluster.get().region("us").postgres();

    static {
        try {
            POSTGRES.execute("CREATE ROLE " + ROLE + " LOGIN PASSWORD '" + PASSWORD + "'");
            POSTGRES.execute("GRANT SET ON PARAMETER session_replication_role TO " + ROLE);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Servers() {}

    static PostgresServer postgres() {
        return POSTGRES;
    }

    static KafkaBroker broker() {
        return SharedCluster.get().region("us").kafka();
    }

    /** Another region's broker. */
    static KafkaBroker peerBroker() {
        return SharedCluster.get().region("eu").kafka();
    }

    static Map<String, Object> peerKafka() {
        return Map.of("bootstrap.servers", peerBroker().bootstrap());
    }

    static Map<String, Object> kafka() {
        return Map.of("bootstrap.servers", broker().bootstrap());
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
