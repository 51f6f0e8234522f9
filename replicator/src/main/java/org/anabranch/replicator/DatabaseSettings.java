package org.anabranch.replicator;

/**
 * Where a region's database is, and as whom to go there.
 *
 * @param url {@code jdbc:postgresql://host:port/database}
 * @param user the role that applies
 * @param password never printed
 */
public record DatabaseSettings(String url, String user, String password) {

    public DatabaseSettings {
        if (!url.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException("a database's url begins with jdbc:postgresql:, not " + url);
        }
    }

    @Override
    public String toString() {
        return "DatabaseSettings[url=" + url + ", user=" + user + ", password=***]";
    }
}
