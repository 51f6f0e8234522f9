package org.anabranch.node.config;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A region as the configuration file gives it: one PostgreSQL, one Kafka cluster.
 *
 * @param name lower case, a word
 * @param postgres its database
 * @param kafka its cluster
 * @param http where its node serves metrics, health and the console; null for nowhere
 */
public record Region(
        String name,
        Postgres postgres,
        Kafka kafka,
        @Nullable Http http) {

    /** Only for the machine itself, unless the file says otherwise: the console shows users' data. */
    public static final Http DEFAULT_HTTP = new Http("127.0.0.1", 8080);

    /**
     * An address to listen at.
     *
     * @param host a name or an address of this machine, IPv6 without brackets; 0.0.0.0 for all
     * @param port at least 1
     */
    public record Http(String host, int port) {

        /** For people: from here, or from wherever the host can be reached. */
        public String url() {
            return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /**
     * A database and the role that Anabranch uses in it.
     *
     * @param url {@code jdbc:postgresql://host:port/database}, options allowed, without user and password
     * @param user the role
     * @param password the role's password
     */
    public record Postgres(String url, String user, Secret password) {

        /** The host, an IPv6 address without its brackets. */
        public String host() {
            return JdbcUrl.parse(url).host();
        }

        /** The port, 5432 where the url has none. */
        public int port() {
            return JdbcUrl.parse(url).port();
        }

        /** The database's name. */
        public String database() {
            return JdbcUrl.parse(url).database();
        }
    }

    /**
     * A Kafka cluster.
     *
     * @param bootstrap {@code host:port}, several with commas between them
     * @param properties further settings for all Kafka clients, which may hold secrets
     */
    public record Kafka(String bootstrap, Map<String, String> properties) {

        public Kafka {
            properties = Map.copyOf(properties);
        }

        /** Without the values of the properties, which may be secret. */
        @Override
        public String toString() {
            return "Kafka[bootstrap=" + bootstrap + ", properties=" + new TreeMap<>(properties).keySet() + "]";
        }
    }
}
