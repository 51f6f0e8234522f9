package org.anabranch.sandbox.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compares all rows of all tables of the demo between the regions, by count and by a sum of the rows' hashes. */
final class TableComparison implements AutoCloseable {

    private static final String NO_SUCH_TABLE = "42P01";

    private final DemoPorts ports;
    private final Map<String, Connection> connections = new HashMap<>();

    TableComparison(DemoPorts ports) {
        this.ports = ports;
    }

    /**
     * How the regions stand to each other.
     *
     * @param rows in the hub
     * @param differences a line for each table that is another in a region than in the hub
     */
    record Result(long rows, List<String> differences) {
        Result {
            differences = List.copyOf(differences);
        }

        boolean isSame() {
            return differences.isEmpty();
        }
    }

    /** All rows of a table. */
    private record Content(long rows, String hash) {}

    /** Reads all rows of all tables in all regions. Each region and table is read at another moment. */
    Result compare() throws SQLException {
        long rows = 0;
        List<String> differences = new ArrayList<>();
        for (String table : ShopDatabase.TABLES) {
            @Nullable Content hub = content(DemoPorts.REGIONS.getFirst(), table);
            rows += hub == null ? 0 : hub.rows();
            for (String region : DemoPorts.REGIONS.subList(1, DemoPorts.REGIONS.size())) {
                @Nullable Content there = content(region, table);
                if (there == null) {
                    differences.add(table + " is not in " + region + " yet");
                } else if (!there.equals(hub)) {
                    differences.add(table + " in " + region + " differs from the hub's (" + there.rows() + " rows of "
                            + (hub == null ? "none" : hub.rows()) + ")");
                }
            }
        }
        return new Result(rows, differences);
    }

    private @Nullable Content content(String region, String table) throws SQLException {
        String sql =
                "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM public." + table + " t";
        try (Statement statement = connection(region).createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return new Content(rows.getLong(1), rows.getString(2));
        } catch (SQLException e) {
            if (NO_SUCH_TABLE.equals(e.getSQLState())) {
                return null;
            }
            connections.remove(region);
            throw e;
        }
    }

    private Connection connection(String region) throws SQLException {
        @Nullable Connection known = connections.get(region);
        if (known == null) {
            known = ShopDatabase.connect(ports.jdbcUrl(region));
            connections.put(region, known);
        }
        return known;
    }

    @Override
    public void close() throws SQLException {
        for (Connection connection : connections.values()) {
            connection.close();
        }
    }
}
