package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import org.anabranch.replicator.Applier;
import org.anabranch.replicator.ApplierSettings;
import org.anabranch.replicator.JournalLimits;
import org.junit.jupiter.api.Test;

/** Old conflicts go, and the oldest of too many. */
class JournalRetentionIT extends SpokeTest {

    @Test
    void whatIsTooOldOrTooMuchIsDeleted() throws Exception {
        try (Connection connection = Servers.postgres().connect(spoke.database)) {
            runUntil(new JournalLimits(Duration.ofDays(7), 10), connection, "");
            record(connection, "eight days", "8 days");
            for (int hours = 1; hours <= 4; hours++) {
                record(connection, hours + " h", hours + " hours");
            }
            runUntil(new JournalLimits(Duration.ofDays(7), 10), connection, "1 h, 2 h, 3 h, 4 h");
            runUntil(new JournalLimits(Duration.ofDays(7), 2), connection, "1 h, 2 h");
        }
    }

    private void runUntil(JournalLimits limits, Connection connection, String kept) {
        ApplierSettings like = spoke.settings();
        ApplierSettings settings = new ApplierSettings(
                like.pipeline(),
                like.region(),
                like.origins(),
                like.database(),
                like.kafka(),
                like.partitions(),
                like.tables(),
                like.merges(),
                limits,
                like.writers());
        Spoke.Running running = new Spoke.Running(new Applier(settings, InstantSource.system()), spoke.reports);
        await().ignoreExceptions().atMost(Tables.PATIENCE).untilAsserted(() -> assertThat(keys(connection))
                .as("%s", spoke.reports)
                .isEqualTo(kept));
        running.stop();
    }

    private static void record(Connection connection, String key, String age) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO anabranch.conflicts SELECT gen_random_uuid(), now() - '" + age
                    + "'::interval, 'public', 't', '" + key + "', 'eu', 1, 0, now(), false, '{}', 'us', 2, 0, now(),"
                    + " false, '{}', '[]'");
        }
    }

    private static String keys(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT coalesce(string_agg(key_text, ', ' ORDER BY key_text), '') FROM anabranch.conflicts")) {
            row.next();
            return row.getString(1);
        }
    }
}
