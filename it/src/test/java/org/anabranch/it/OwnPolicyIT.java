package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.anabranch.conflict.ColumnPolicy;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.replicator.MergeRules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two regions that write a column which a policy of the user's own merges. */
class OwnPolicyIT {

    private static final String TABLE =
            "CREATE TABLE lots (id int PRIMARY KEY, price int NOT NULL); ALTER TABLE lots REPLICA IDENTITY FULL";
    private static final int FAILING = 13;

    /** Fails where the unlucky number is in it. */
    private static final class HighestBid implements ColumnPolicy {
        @Override
        public String name() {
            return "highest-bid";
        }

        @Override
        public boolean takes(String type) {
            return type.equals("integer");
        }

        @Override
        public String merge(String one, String other) {
            int a = Integer.parseInt(one);
            int b = Integer.parseInt(other);
            if (a == FAILING || b == FAILING) {
                throw new IllegalStateException("planted");
            }
            return Integer.toString(Math.max(a, b));
        }
    }

    private static final MergeRules.Rule RULE = new MergeRules.Rule(
            "last-writer-wins-per-column",
            Map.of("price", "highest-bid"),
            DeletePolicy.LAST_WRITER_WINS,
            Map.of("highest-bid", new HighestBid()));

    @TempDir
    Path directory;

    @Test
    void ofBidsInConflictTheHighestIsReadAndOneThatCannotBeMergedWaitsForTheNext() throws Exception {
        var servers = List.of(Servers.postgres(), Servers.postgres());
        try (TwoRegions regions = new TwoRegions(servers, directory, TABLE, RULE)) {
            regions.execute(0, "INSERT INTO lots VALUES (1, 10)");
            awaitPrice(regions, "10");

            // Both write before either can have heard of the other, or else once more.
            await().atMost(Tables.PATIENCE).until(() -> {
                regions.execute(0, "UPDATE lots SET price = 500");
                regions.execute(1, "UPDATE lots SET price = 400");
                awaitSame(regions);
                return price(regions, 0).equals("500");
            });
            regions.execute(1, "UPDATE lots SET price = 300");
            awaitPrice(regions, "300");

            await().atMost(Tables.PATIENCE).until(() -> {
                regions.execute(0, "UPDATE lots SET price = " + FAILING);
                regions.execute(1, "UPDATE lots SET price = 200");
                await().atMost(Tables.PATIENCE)
                        .until(() -> price(regions, 0).equals("200") || quarantined(regions, 0) > 0);
                return quarantined(regions, 0) > 0;
            });
            await().atMost(Tables.PATIENCE).until(() -> quarantined(regions, 1) > 0);
            regions.execute(0, "UPDATE lots SET price = 900");
            awaitPrice(regions, "900");
            assertThat(quarantined(regions, 0) + quarantined(regions, 1)).isZero();
        }
    }

    private static void awaitPrice(TwoRegions regions, String expected) {
        await().atMost(Tables.PATIENCE).untilAsserted(() -> assertThat(List.of(price(regions, 0), price(regions, 1)))
                .as("%s", regions.reports)
                .containsExactly(expected, expected));
    }

    private static void awaitSame(TwoRegions regions) {
        await().atMost(Tables.PATIENCE).until(() -> price(regions, 0).equals(price(regions, 1)));
    }

    private static String price(TwoRegions regions, int region) throws SQLException {
        return regions.value(region, "SELECT price FROM lots");
    }

    private static int quarantined(TwoRegions regions, int region) throws SQLException {
        return Integer.parseInt(regions.value(region, "SELECT count(*) FROM anabranch.quarantine"));
    }
}
