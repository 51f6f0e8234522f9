package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.anabranch.conflict.ApplyGuard;
import org.anabranch.schemas.Row;
import org.jspecify.annotations.Nullable;

/** Finds the rows of a table that have what another row is to have, and no two may. */
final class HolderStatements {

    /**
     * A row in another's way.
     *
     * @param version names what is there
     * @param writer who wrote it, and when
     * @param index by which it is in the way
     */
    record Holder(Row row, String version, ApplyGuard.Present writer, UniqueIndex index) {}

    private final TableStatements table;
    private final int[] all;
    private final List<UniqueIndex> indexes;
    private final String find;

    /** @param indexes at least one */
    HolderStatements(TableStatements table, List<UniqueIndex> indexes) {
        this.table = table;
        this.indexes = List.copyOf(indexes);
        all = table.all().toArray();
        int[] key = table.key();
        String name = table.name().quoted();
        String wanted = IntStream.of(all)
                .mapToObj(i -> table.value(i) + " AS " + table.column(i))
                .collect(Collectors.joining(", "));
        String held = IntStream.range(0, indexes.size())
                .mapToObj(n -> "SELECT t.at, t.part, " + n + " AS n FROM "
                        + indexes.get(n).of(name, "ctid AS at, tableoid AS part") + " AS t JOIN "
                        + indexes.get(n).of("wanted", "") + " AS w ON "
                        + indexes.get(n).same("t", "w"))
                .collect(Collectors.joining(" UNION ALL "));
        // As a merge has them: a cast to text leaves out a char's blanks, and writes true for t.
        String texts = IntStream.of(all)
                .mapToObj(i -> "t." + table.column(i))
                .map(column -> "CASE WHEN " + column + " IS NOT NULL THEN format('%s', " + column + ") END")
                .collect(Collectors.joining(", "));
        find = "WITH wanted AS MATERIALIZED (SELECT " + wanted + " FROM unnest(" + table.arrays(all) + ") AS v("
                + TableStatements.aliases(all) + ")), held AS (SELECT at, part, min(n) AS n FROM (" + held
                + ") AS h GROUP BY at, part) SELECT " + texts + ", " + GuardedStatements.VERSION
                + ", w.roident, (extract(epoch FROM w.\"timestamp\") * 1000000)::bigint, h.n FROM held AS h JOIN "
                + name + " AS t ON t.ctid = h.at AND t.tableoid = h.part " + GuardedStatements.WRITTEN_BY
                + " WHERE NOT EXISTS (SELECT FROM wanted AS r WHERE " + table.sameColumns("t", "r", key) + ")";
    }

    List<Holder> of(Connection connection, Row row) throws SQLException {
        List<Holder> holders = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(find)) {
            table.set(statement, List.of(row), all);
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    holders.add(holder(found));
                }
            }
        }
        return holders;
    }

    private Holder holder(ResultSet found) throws SQLException {
        @Nullable String[] texts = new @Nullable String[all.length];
        for (int i : all) {
            texts[i] = found.getString(i + 1);
        }
        int next = all.length + 1;
        return new Holder(
                Row.of(texts),
                String.valueOf(found.getString(next)),
                new ApplyGuard.Present(found.getLong(next + 1) != 0, found.getObject(next + 2, Long.class)),
                indexes.get(found.getInt(next + 3)));
    }
}
