package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The table that says how far everything is applied, written in the transactions that apply it. */
final class ProgressStore {

    private static final String WRITE = """
            INSERT INTO anabranch.progress (origin, partition, hybrid_time, number, committed_at, next_offset, generation)
            SELECT * FROM unnest(?::text[], ?::int4[], ?::int8[], ?::int4[], ?::int8[], ?::int8[], ?::int8[])
            ON CONFLICT (origin, partition) DO UPDATE SET hybrid_time = EXCLUDED.hybrid_time,
                number = EXCLUDED.number, committed_at = EXCLUDED.committed_at, next_offset = EXCLUDED.next_offset,
                generation = EXCLUDED.generation""";

    private final int partitions;

    ProgressStore(int partitions) {
        this.partitions = partitions;
    }

    /** Without origins and offsets before the first commit. */
    Progress read(Connection connection) throws SQLException {
        Map<String, Progress.OfOrigin> origins = new LinkedHashMap<>();
        Long[] nextOffsets = new Long[partitions];
        Long[] generations = new Long[partitions];
        Arrays.fill(nextOffsets, 0L);
        Arrays.fill(generations, -1L);
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT origin, partition, hybrid_time, number, committed_at,"
                        + " next_offset, generation FROM anabranch.progress ORDER BY origin, partition")) {
            while (rows.next()) {
                String origin = rows.getString(1);
                origins.put(origin, new Progress.OfOrigin(origin, rows.getLong(3), rows.getInt(4), rows.getLong(5)));
                int partition = rows.getInt(2);
                if (partition < partitions) {
                    nextOffsets[partition] = Math.max(nextOffsets[partition], rows.getLong(6));
                    generations[partition] = Math.max(generations[partition], rows.getLong(7));
                }
            }
        }
        return origins.isEmpty()
                ? new Progress(List.of(), List.of(), List.of(generations))
                : new Progress(List.copyOf(origins.values()), List.of(nextOffsets), List.of(generations));
    }

    /** In the caller's transaction. */
    void write(Connection connection, Progress progress) throws SQLException {
        int rows = progress.origins().size() * partitions;
        if (rows == 0) {
            return;
        }
        ArrayLiteral[] columns = new ArrayLiteral[7];
        Arrays.setAll(columns, i -> new ArrayLiteral(',', rows));
        for (Progress.OfOrigin origin : progress.origins()) {
            for (int partition = 0; partition < partitions; partition++) {
                columns[0].add(origin.origin());
                columns[1].add(Integer.toString(partition));
                columns[2].add(Long.toString(origin.hybridMicros()));
                columns[3].add(Integer.toString(origin.number()));
                columns[4].add(Long.toString(origin.replicatedUntilMicros()));
                columns[5].add(Long.toString(progress.nextOffsets().get(partition)));
                columns[6].add(Long.toString(progress.generations().get(partition)));
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(WRITE)) {
            for (int i = 0; i < columns.length; i++) {
                statement.setString(i + 1, columns[i].close());
            }
            statement.executeUpdate();
        }
    }
}
