package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A region with two nodes: what one remembers of rows the other has too. */
class StandbyIT {

    private static final int EU = 0;
    private static final int PARTITIONS = 2;
    private static final String TABLE =
            "CREATE TABLE stock (id int PRIMARY KEY, on_hand int NOT NULL); ALTER TABLE stock REPLICA IDENTITY FULL";
    private static final String SUM = "SELECT sum(on_hand) FROM stock";

    @TempDir
    Path directory;

    @Test
    void whenTheResolverOfOneNodeEndsAnotherNodesGoesOnWithAllThatItRemembered() throws Exception {
        var servers = List.of(Servers.postgres(), Servers.postgres());
        try (TwoRegions regions = new TwoRegions(servers, directory, TABLE)) {
            regions.execute(EU, "INSERT INTO stock SELECT i, 100 FROM generate_series(1, 40) AS i");
            regions.awaitBoth(SUM, "4000");
            regions.atTheSameTime("UPDATE stock SET on_hand = on_hand - 1", "UPDATE stock SET on_hand = on_hand - 2");
            regions.awaitBoth(SUM, "3880");

            regions.startResolver(EU, "another");
            await().atMost(Tables.PATIENCE).until(() -> stores(directory.resolve("another")) == PARTITIONS);
            regions.atTheSameTime("UPDATE stock SET on_hand = on_hand - 3", "UPDATE stock SET on_hand = on_hand - 4");
            regions.awaitBoth(SUM, "3600");
            assertThat(regions.reports).noneMatch(report -> report.startsWith("threw"));
            regions.stopResolver(EU);
            regions.atTheSameTime("UPDATE stock SET on_hand = on_hand - 5", "UPDATE stock SET on_hand = on_hand - 6");

            regions.awaitBoth(SUM, "3160");
        }
    }

    private static long stores(Path files) throws IOException {
        if (!Files.exists(files)) {
            return 0;
        }
        try (Stream<Path> all = Files.find(files, 5, (path, found) -> path.endsWith("rocksdb"))) {
            return all.count();
        }
    }
}
