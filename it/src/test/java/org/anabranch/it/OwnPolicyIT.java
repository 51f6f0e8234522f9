package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
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
    private static final String PRICE = "SELECT price FROM lots";
    private static final String QUARANTINED = "SELECT count(*) FROM anabranch.quarantine";

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
            regions.awaitBoth(PRICE, "10");
            regions.atTheSameTime("UPDATE lots SET price = 500", "UPDATE lots SET price = 400");
            regions.awaitBoth(PRICE, "500");
            regions.execute(1, "UPDATE lots SET price = 300");
            regions.awaitBoth(PRICE, "300");

            regions.atTheSameTime("UPDATE lots SET price = " + FAILING, "UPDATE lots SET price = 200");
            await().atMost(Tables.PATIENCE).untilAsserted(() -> {
                assertThat(regions.value(0, QUARANTINED)).isNotEqualTo("0");
                assertThat(regions.value(1, QUARANTINED)).isNotEqualTo("0");
            });
            regions.execute(0, "UPDATE lots SET price = 900");
            regions.awaitBoth(PRICE, "900");
            regions.awaitBoth(QUARANTINED, "0");
        }
    }
}
