package org.anabranch.capture;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.anabranch.schemas.TableName;

/**
 * Watches for tables with several writers that were not there when capture began. The applier makes them from what other regions
 * send, and from then on what is written here has to be captured as well.
 */
final class NewTables {

    private static final Duration INTERVAL = Duration.ofSeconds(2);

    private final DatabaseSettings database;
    private final Predicate<TableName> watched;
    private final Set<TableName> known = new HashSet<>();

    NewTables(CaptureSettings settings, List<SourceTable> captured) {
        database = settings.database();
        SourceCheck.Settings check = settings.check();
        watched = table -> settings.contested().test(table) && check.matches(table);
        captured.forEach(table -> known.add(table.schema().name()));
    }

    /**
     * Returns at once where no table has several writers, and otherwise never.
     *
     * @throws IOException if there is a new table: capture has to begin anew, with it
     */
    void watch() throws IOException, InterruptedException {
        boolean isNeeded = known.stream().anyMatch(watched);
        while (isNeeded) {
            Thread.sleep(INTERVAL);
            List<TableName> found = found();
            for (TableName table : found) {
                if (known.add(table)) {
                    throw new IOException(table + " is new, and is captured from now on");
                }
            }
        }
    }

    /** Empty where the server does not answer; the heartbeat says that. */
    private List<TableName> found() {
        try (Connection connection = Sessions.open(database, "anabranch new tables")) {
            return SourceCatalog.names(connection, watched);
        } catch (SQLException e) {
            return List.of();
        }
    }
}
