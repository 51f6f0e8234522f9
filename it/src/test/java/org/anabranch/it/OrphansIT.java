package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.replicator.MergeRules;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * One region takes a row away while another writes a row that refers to it. Each is right by itself, and together they leave a row
 * without its parent: both regions say so until it is mended.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OrphansIT {

    private static final int EU = 0;
    private static final int US = 1;

    private static final String SCHEMA = """
            CREATE TABLE authors (id int PRIMARY KEY, name text);
            CREATE TABLE books (id int PRIMARY KEY, author int REFERENCES authors);
            CREATE TABLE "Places" (id int PRIMARY KEY, country text NOT NULL, "City's" text NOT NULL, UNIQUE (country, "City's"));
            CREATE TABLE visits (guest int, n int, country text, city text, PRIMARY KEY (guest, n),
                FOREIGN KEY (country, city) REFERENCES "Places" (country, "City's"));
            CREATE TABLE stays (id int PRIMARY KEY, country text, city text,
                FOREIGN KEY (country, city) REFERENCES "Places" (country, "City's") MATCH FULL);
            CREATE TABLE shelves (id int PRIMARY KEY);
            CREATE TABLE boxes (id int PRIMARY KEY, shelf int REFERENCES shelves);
            CREATE TABLE parts (id bigint PRIMARY KEY, whole bigint REFERENCES parts);
            ALTER TABLE authors REPLICA IDENTITY FULL;
            ALTER TABLE books REPLICA IDENTITY FULL;
            ALTER TABLE "Places" REPLICA IDENTITY FULL;
            ALTER TABLE visits REPLICA IDENTITY FULL;
            ALTER TABLE stays REPLICA IDENTITY FULL;
            ALTER TABLE shelves REPLICA IDENTITY FULL;
            ALTER TABLE boxes REPLICA IDENTITY FULL;
            ALTER TABLE parts REPLICA IDENTITY FULL""";

    private static final MergeRules.Rule RULE =
            new MergeRules.Rule("last-writer-wins-per-column", Map.of(), DeletePolicy.LAST_WRITER_WINS);

    private static final String NONE = "";

    private TwoRegions regions;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        regions = new TwoRegions(List.of(Servers.postgres(), Servers.postgres()), directory, SCHEMA, RULE);
    }

    @AfterAll
    void stop() throws Exception {
        regions.close();
    }

    @Test
    void aDeletedParentIsMissedUntilItIsThereAgain() throws Exception {
        regions.execute(EU, "INSERT INTO authors VALUES (1, 'Ovid'), (2, 'Homer')");
        regions.awaitBoth("SELECT count(*) FROM authors", "2");

        regions.atTheSameTime(
                "DELETE FROM authors WHERE id = 1", "INSERT INTO books VALUES (10, 1), (11, 1), (12, 2), (13, NULL)");

        awaitOrphans(
                "books",
                "books {\"id\": \"10\"} books_author_fkey authors {\"author\": \"1\"}; "
                        + "books {\"id\": \"11\"} books_author_fkey authors {\"author\": \"1\"}");
        awaitStatus("public.books books_author_fkey public.authors 2");

        regions.execute(US, "DELETE FROM books WHERE id = 11");
        awaitOrphans("books", "books {\"id\": \"10\"} books_author_fkey authors {\"author\": \"1\"}");
        awaitStatus("public.books books_author_fkey public.authors 1");

        regions.execute(EU, "INSERT INTO authors VALUES (1, 'Ovid')");
        awaitOrphans("books", NONE);
        await().atMost(Tables.PATIENCE).untilAsserted(() -> {
            assertThat(ofBooks(EU)).isEmpty();
            assertThat(ofBooks(US)).isEmpty();
        });
    }

    @Test
    void aKeyOfSeveralColumnsIsMissedAsAWholeAndNullsReferToNothing() throws Exception {
        regions.execute(EU, "INSERT INTO \"Places\" VALUES (1, 'NL', 'Delft'), (2, 'NL', 'Gouda'), (3, 'BE', 'Delft')");
        regions.awaitBoth("SELECT count(*) FROM \"Places\"", "3");

        regions.atTheSameTime(
                "UPDATE \"Places\" SET \"City's\" = 'Leiden' WHERE id = 1",
                "INSERT INTO visits VALUES (7, 1, 'NL', 'Delft'), (7, 2, 'NL', NULL), (7, 3, 'BE', 'Delft')",
                "INSERT INTO stays VALUES (1, 'NL', 'Delft'), (2, NULL, NULL)");

        awaitOrphans(
                "visits",
                "visits {\"n\": \"1\", \"guest\": \"7\"} visits_country_city_fkey Places"
                        + " {\"city\": \"Delft\", \"country\": \"NL\"}");
        awaitOrphans(
                "stays",
                "stays {\"id\": \"1\"} stays_country_city_fkey Places {\"city\": \"Delft\", \"country\": \"NL\"}");

        // Each mends one: by referring to another, and by giving another the missing name.
        regions.execute(EU, "UPDATE visits SET country = 'BE' WHERE n = 1");
        awaitOrphans("visits", NONE);
        regions.execute(US, "UPDATE \"Places\" SET \"City's\" = 'Delft' WHERE id = 2");
        awaitOrphans("stays", NONE);
    }

    /** Its own check has been made by then, and has not found the child that comes from the other region. */
    @Test
    void aParentThatAnOpenTransactionDeletesIsInDoubtUntilThatEnds() throws Exception {
        regions.execute(EU, "INSERT INTO shelves VALUES (1), (2)");
        regions.awaitBoth("SELECT count(*) FROM shelves", "2");
        try (Connection open = regions.connect(EU)) {
            open.setAutoCommit(false);
            SharedPostgres.execute(
                    open, "DELETE FROM shelves WHERE id = 1", "SELECT FROM shelves WHERE id = 2 FOR UPDATE");
            regions.execute(US, "INSERT INTO boxes VALUES (10, 1), (20, 2)");
            String inDoubt = "SELECT string_agg(key ->> 'id', ', ' ORDER BY key) FROM anabranch.orphans WHERE in_doubt";
            await().atMost(Tables.PATIENCE)
                    .until(() -> regions.value(EU, inDoubt).equals("10, 20"));
            open.commit();
        }

        awaitOrphans("boxes", "boxes {\"id\": \"10\"} boxes_shelf_fkey shelves {\"shelf\": \"1\"}");
        regions.awaitBoth("SELECT count(*) FROM anabranch.orphans WHERE in_doubt", "0");
        regions.execute(EU, "INSERT INTO shelves VALUES (1)");
        awaitOrphans("boxes", NONE);
    }

    @Test
    void aTableThatRefersToItself() throws Exception {
        regions.execute(EU, "INSERT INTO parts VALUES (1, NULL), (2, 1)");
        regions.awaitBoth("SELECT count(*) FROM parts", "2");

        regions.atTheSameTime("DELETE FROM parts WHERE id = 2", "INSERT INTO parts VALUES (3, 2), (4, 1)");

        awaitOrphans("parts", "parts {\"id\": \"3\"} parts_whole_fkey parts {\"whole\": \"2\"}");
        regions.execute(US, "UPDATE parts SET whole = NULL WHERE id = 3");
        awaitOrphans("parts", NONE);
    }

    private void awaitOrphans(String table, String expected) {
        regions.awaitBoth(
                "SELECT coalesce(string_agg(table_name || ' ' || key || ' ' || constraint_name || ' ' || parent_table"
                        + " || ' ' || missing, '; ' ORDER BY key), '') FROM anabranch.orphans WHERE NOT in_doubt"
                        + " AND table_name = '" + table + "'",
                expected);
    }

    private void awaitStatus(String expected) {
        await().atMost(Tables.PATIENCE).untilAsserted(() -> {
            assertThat(ofBooks(EU)).containsExactly(expected);
            assertThat(ofBooks(US)).containsExactly(expected);
        });
    }

    private List<String> ofBooks(int region) {
        return regions.orphans(region).stream()
                .filter(line -> line.startsWith("public.books "))
                .toList();
    }
}
