package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.anabranch.node.cli.Main;
import org.anabranch.node.config.ConfigurationFile;
import org.anabranch.sandbox.SandboxRegion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * What the README says under "Use it on your own databases", word for word: its statements are read from it and run, on
 * databases whose tables belong to somebody else, and its file is used, with the addresses of the test's servers.
 */
class OwnDatabasesIT {

    private static final String CANARY = "canary-8842-readme";
    private static final Pattern BLOCK = Pattern.compile("```(sql|yaml)\n(.*?)```", Pattern.DOTALL);

    private final SandboxRegion hub = SharedCluster.get().region("hub");
    private final SandboxRegion eu = SharedCluster.get().region("eu");

    @Test
    void theRightsInTheReadmeAreEnoughForARoleThatOwnsNothing(@TempDir Path directory) throws Exception {
        List<String> blocks = blocks();
        assertThat(blocks).as("the file; hub; publication; spokes").hasSize(4);
        makeShop(hub, "CREATE SCHEMA sales", "CREATE TABLE sales.orders (id int PRIMARY KEY, total numeric)");
        makeShop(eu);
        execute(hub, "INSERT INTO customers VALUES (1, 'Ada'); INSERT INTO sales.orders VALUES (1, 12.50)");
        execute(hub, blocks.get(1).replace("'...'", "'" + CANARY + "'"));
        execute(hub, blocks.get(2));
        execute(eu, blocks.get(3).replace("'...'", "'" + CANARY + "'"));
        assertThat(value(hub, "SELECT rolsuper FROM pg_roles WHERE rolname = 'anabranch'"))
                .isEqualTo("f");
        Path file = write(directory, blocks.get(0));

        StringWriter out = new StringWriter();
        CommandLine commandLine =
                Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
        int exitCode = commandLine.execute("check", "--config", file.toString());
        assertThat(exitCode).as(out.toString()).isZero();
        assertThat(out.toString()).doesNotContain(CANARY);

        try (Nodes nodes = Nodes.start(ConfigurationFile.read(file).pipeline(), directory)) {
            execute(hub, "INSERT INTO customers VALUES (2, 'Grace'); DELETE FROM customers WHERE id = 1");
            await().atMost(Tables.PATIENCE)
                    .ignoreExceptions()
                    .until(() -> value(eu, "SELECT string_agg(name, ',') FROM customers")
                                    .equals("Grace")
                            && value(eu, "SELECT total FROM sales.orders").equals("12.50"));
            execute(hub, "TRUNCATE customers; UPDATE sales.orders SET total = 7");
            await().atMost(Tables.PATIENCE)
                    .until(() -> value(eu, "SELECT count(*) FROM customers").equals("0")
                            && value(eu, "SELECT total FROM sales.orders").equals("7"));
            assertThat(nodes.copies()).hasSize(2);
        }
    }

    private static List<String> blocks() throws Exception {
        Path file = Path.of("README.md");
        String readme =
                Files.readString(Files.exists(file) ? file : Path.of("..").resolve(file));
        String section = readme.substring(
                readme.indexOf("## Use it on your own databases"), readme.indexOf("### Tables with several writers"));
        Matcher matcher = BLOCK.matcher(section);
        List<String> blocks = new ArrayList<>();
        while (matcher.find()) {
            blocks.add(matcher.group(2));
        }
        return blocks;
    }

    private static Path write(Path directory, String yaml) throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), CANARY + "\n");
        String written = yaml.replace("${env:HUB_PASSWORD}", "${file:" + secret + "}")
                .replace("${file:/run/secrets/eu}", "${file:" + secret + "}");
        for (String place : List.of("hub", "eu")) {
            SandboxRegion region = SharedCluster.get().region(place);
            written = written.replace(
                            "jdbc:postgresql://db." + place + ":5432/shop",
                            region.postgres().jdbcUrl("shop"))
                    .replace("kafka." + place + ":9092", region.kafka().bootstrap());
        }
        return Files.writeString(directory.resolve("shop.yaml"), written);
    }

    /** A database with tables of an owner that replication knows nothing of. */
    private static void makeShop(SandboxRegion region, String... more) throws SQLException {
        region.postgres().execute("CREATE DATABASE shop");
        execute(region, "CREATE ROLE shopkeeper; CREATE TABLE customers (id int PRIMARY KEY, name text)");
        execute(region, "ALTER TABLE customers OWNER TO shopkeeper");
        for (String sql : more) {
            execute(region, sql);
        }
    }

    private static void execute(SandboxRegion region, String sql) throws SQLException {
        region.postgres().execute("shop", sql);
    }

    private static String value(SandboxRegion region, String query) throws SQLException {
        try (Connection connection = region.postgres().connect("shop");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }
}
