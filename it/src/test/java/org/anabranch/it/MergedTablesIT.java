package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.util.List;
import org.anabranch.replicator.DatabaseSettings;
import org.anabranch.replicator.MergedTable;
import org.anabranch.sandbox.PostgresServer;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableSchema;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Merges are written to tables of every kind. */
class MergedTablesIT {

    private String database;

    @BeforeEach
    void create() throws Exception {
        database = Servers.newName("merged");
        Servers.postgres().execute("CREATE DATABASE " + database);
    }

    /** The texts of arrays and of composite types are cast one by one. */
    @Test
    void typesOfASchemaWhoseNameEndsInV() throws Exception {
        execute("CREATE SCHEMA dev", "CREATE TYPE dev.mood AS ENUM ('good', 'bad')");
        execute("CREATE TYPE dev.place AS (street text, number int)");
        execute("CREATE TABLE typed (id int PRIMARY KEY, moods dev.mood[], place dev.place)");
        try (MergedTable table = table("typed", "id", "id integer", "moods dev.mood[]", "place dev.place")) {
            assertThat(table.apply(table.row("1", "{good}", "(a,1)"))).isTrue();
            assertThat(table.apply(table.row("1", "{bad}", "(b,2)"))).isTrue();
            assertThat(table.refused()).isEmpty();
        }
        assertThat(rows("typed")).isEqualTo("(1,{bad},\"(b,2)\")");
    }

    @Test
    void anIdentityColumnBesideTheKeyTakesWhatWasMerged() throws Exception {
        execute("CREATE TABLE numbered (id int PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, name text)");
        execute("INSERT INTO numbered (id, name) VALUES (1, 'here')");
        try (MergedTable table = table("numbered", "id", "id integer", "n integer", "name text")) {
            assertThat(table.apply(table.row("1", "7", "there"))).isTrue();
            assertThat(table.refused()).isEmpty();
        }
        assertThat(rows("numbered")).isEqualTo("(1,7,there)");
    }

    @Test
    void aKeyThatIsCheckedLater() throws Exception {
        execute("CREATE TABLE later (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, name text)");
        try (MergedTable table = table("later", "id", "id integer", "name text")) {
            assertThat(table.apply(table.row("1", "a"), table.row("2", "b"))).isTrue();
            assertThat(table.apply(table.row("1", "c"), table.noRow("2", null))).isTrue();
            assertThat(table.refused()).isEmpty();
        }
        assertThat(rows("later")).isEqualTo("(1,c)");
    }

    /** As when a primary key is updated: the row under the new key comes before the delete of the old. */
    @Test
    void uniqueValuesGoFromRowToRow() throws Exception {
        execute("CREATE TABLE coded (id int PRIMARY KEY, code text UNIQUE)");
        execute("INSERT INTO coded VALUES (1, 'a'), (3, 'x'), (4, 'y')");
        try (MergedTable table = table("coded", "id", "id integer", "code text")) {
            assertThat(table.apply(table.row("2", "a"), table.noRow("1", null))).isTrue();
            assertThat(table.apply(table.row("3", "y"), table.row("4", "x"))).isTrue();
            assertThat(table.refused()).isEmpty();
        }
        assertThat(rows("coded")).isEqualTo("(2,a) (3,y) (4,x)");
    }

    /** That a row had to go is no reason to bring it back over what its region has done since. */
    @Test
    void aRowThatWasDisplacedAndThenWrittenAndDeletedHereIsNotBroughtBackUnseen() throws Exception {
        execute("CREATE TABLE coded (id int PRIMARY KEY, code text UNIQUE)");
        try (MergedTable table = table("coded", "id", "id integer", "code text")) {
            assertThat(table.apply(table.row("1", "a").since(20).seen(5, true))).isTrue();
            table.lookAgain();
            assertThat(table.apply(table.row("2", "a").since(10).seen(0, false)))
                    .isTrue();
            assertThat(rows("coded")).isEqualTo("(2,a)");
            execute("INSERT INTO coded VALUES (1, 'b')", "DELETE FROM coded WHERE id = 1");

            assertThat(table.apply(table.row("1", "b").since(30).seen(30, true)))
                    .isTrue();

            assertThat(rows("coded")).isEqualTo("(2,a)");
            assertThat(table.isDeferred(Row.of("1", "b"))).isTrue();
        }
    }

    @Test
    void aRowThatTheTableRefusesDoesNotTakeOthersWithIt() throws Exception {
        execute("CREATE TABLE strict (id int PRIMARY KEY, n int CHECK (n > 0))");
        try (MergedTable table = table("strict", "id", "id integer", "n integer")) {
            assertThat(table.apply(table.row("1", "1"), table.row("2", "0"))).isTrue();
            assertThat(table.refused()).singleElement().asString().contains("23514");
            assertThat(table.apply(table.row("2", "2"))).isTrue();
            assertThat(table.refused()).isEmpty();
        }
        assertThat(rows("strict")).isEqualTo("(1,1) (2,2)");
    }

    @Test
    void partitionsMixedCaseAndTypesWithoutEquality() throws Exception {
        execute(
                "CREATE TABLE \"Mixed Case\" (\"Id\" int, at int, j json, PRIMARY KEY (\"Id\", at)) PARTITION BY RANGE (at)");
        execute("CREATE TABLE low PARTITION OF \"Mixed Case\" FOR VALUES FROM (0) TO (10)");
        execute("CREATE TABLE high PARTITION OF \"Mixed Case\" FOR VALUES FROM (10) TO (20)");
        try (MergedTable table = table("Mixed Case", "Id,at", "Id integer", "at integer", "j json")) {
            assertThat(table.apply(table.row("1", "5", "{}"), table.row("1", "15", "{}")))
                    .isTrue();
            assertThat(table.apply(table.row("1", "5", "[1]"), table.noRow("1", "15", null)))
                    .isTrue();
            assertThat(table.refused()).isEmpty();
        }
        assertThat(rows("\"Mixed Case\"")).isEqualTo("(1,5,[1])");
    }

    @Test
    void aTableThatIsAllKey() throws Exception {
        execute("CREATE TABLE keys (a numeric, b int GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (a, b))");
        try (MergedTable table = table("keys", "a,b", "a numeric", "b integer")) {
            assertThat(table.apply(table.row("1.0", "7"))).isTrue();
            assertThat(table.apply(table.row("1.00", "7"))).isTrue();
            assertThat(table.refused()).isEmpty();
        }
        assertThat(rows("keys")).isEqualTo("(1.00,7)");
    }

    /** What was locked is not waited for, and does not keep the others. */
    @Test
    void anotherSessionHasOneOfTheRows() throws Exception {
        execute("CREATE TABLE shared (id int PRIMARY KEY, name text)", "INSERT INTO shared VALUES (1, 'a'), (2, 'b')");
        try (MergedTable table = table("shared", "id", "id integer", "name text");
                Connection other = Servers.postgres().connect(database)) {
            other.setAutoCommit(false);
            SharedPostgres.execute(other, "SELECT FROM shared WHERE id = 1 FOR UPDATE");
            assertThat(table.apply(table.row("1", "c"), table.row("2", "d"))).isTrue();
            assertThat(table.isDeferred(Row.of("1", null))).isTrue();
            assertThat(rows("shared")).isEqualTo("(1,a) (2,d)");
            other.rollback();
            table.lookAgain();
        }
        assertThat(rows("shared")).isEqualTo("(1,c) (2,d)");
    }

    private MergedTable table(String name, String key, String... columns) throws Exception {
        TableSchema schema = Spoke.schema(name, List.of(key.split(",", -1)), "", columns);
        DatabaseSettings settings = new DatabaseSettings(
                Servers.postgres().jdbcUrl(database), PostgresServer.SUPERUSER, PostgresServer.SUPERUSER_PASSWORD);
        return new MergedTable(settings, schema);
    }

    private void execute(String... statements) throws Exception {
        for (String sql : statements) {
            Servers.postgres().execute(database, sql);
        }
    }

    private String rows(String table) throws Exception {
        try (Connection connection = Servers.postgres().connect(database);
                var statement = connection.createStatement();
                var row = statement.executeQuery(
                        "SELECT coalesce(string_agg(t::text, ' ' ORDER BY t::text), '') FROM " + table + " AS t")) {
            row.next();
            return row.getString(1);
        }
    }
}
