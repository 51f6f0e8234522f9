package org.anabranch.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad files and the exact lines that they give. Each is the good file with one thing replaced. */
class ConfigurationProblemsTest {

    private static final String URL = "jdbc:postgresql://db_eu/shop";

    private static List<String> problems(String text) {
        ConfigurationException exception = catchThrowableOfType(
                ConfigurationException.class,
                () -> ConfigurationParser.parse("a.yaml", text, ConfigurationParserTest.ENVIRONMENT));
        assertThat(exception).as("the file was accepted").isNotNull();
        return exception.problems().stream().map(Problem::toString).toList();
    }

    static Stream<Arguments> badFiles() {
        return Stream.of(
                        bad(
                                "unknown key with a near one",
                                "tables:",
                                "tabels:",
                                "a.yaml:1:1: key 'tables' is missing in the file; add '- table: public.customers'",
                                "a.yaml:16:1: unknown key 'tabels' in the file; did you mean 'tables'?"),
                        bad(
                                "unknown key in another style",
                                "createTables:",
                                "create_tables:",
                                "a.yaml:21:5: unknown key 'create_tables' in a table; did you mean 'createTables'?"),
                        bad(
                                "unknown key with none near",
                                "rpo:",
                                "colour:",
                                "a.yaml:4:1: unknown key 'colour' in the file; known keys here: pipeline, topology, hub, rpo, partitions, createTables, foreignKeys, conflicts, onError, maxClockSkew, regions, tables"),
                        bad(
                                "key without a space",
                                "user: anabranch, password: \"${file:eu.secret}\"",
                                "user: anabranch, password:canary",
                                "a.yaml:10:15: key 'password' is missing in regions.eu.postgres; add 'password: \"${env:DATABASE_PASSWORD}\"'",
                                "a.yaml:10:71: unknown key 'password:...' in regions.eu.postgres; did you mean 'password: ' with a space?"),
                        bad(
                                "duplicate key",
                                "rpo:",
                                "hub: eu\nrpo:",
                                "a.yaml:4:1: key 'hub' is in the file twice, first in line 3; remove one of the two"),
                        bad(
                                "duplicate region",
                                "  eu:",
                                "  hub:",
                                "a.yaml:5:1: there is only one region; write two regions or more",
                                "a.yaml:9:3: key 'hub' is in regions twice, first in line 6; remove one of the two"),
                        bad(
                                "missing pipeline",
                                "pipeline: shop\n",
                                "",
                                "a.yaml:1:1: key 'pipeline' is missing in the file; add 'pipeline: shop'"),
                        bad(
                                "bad pipeline name",
                                "pipeline: shop",
                                "pipeline: My-Shop",
                                "a.yaml:1:11: pipeline 'My-Shop' is no name; use lower-case letters, digits and _, a letter first, 31 characters at most, as in 'shop'"),
                        bad(
                                "bad region name",
                                "  eu:",
                                "  EU:",
                                "a.yaml:9:3: region 'EU' is no name; use lower-case letters, digits and _, a letter first, 31 characters at most, as in 'eu_west'"),
                        bad(
                                "missing topology",
                                "topology: hub-and-spoke\n",
                                "",
                                "a.yaml:1:1: key 'topology' is missing in the file; add 'topology: hub-and-spoke'"),
                        bad(
                                "unknown topology",
                                "hub-and-spoke",
                                "hub-and-spokes",
                                "a.yaml:2:11: unknown topology 'hub-and-spokes'; did you mean 'hub-and-spoke'?"),
                        bad(
                                "a hub in a mesh",
                                "topology: hub-and-spoke",
                                "topology: mesh",
                                "a.yaml:3:1: a mesh has no hub; leave 'hub' out, or write 'topology: hub-and-spoke'"),
                        bad(
                                "missing hub",
                                "hub: hub\n",
                                "",
                                "a.yaml:1:1: key 'hub' is missing in the file; add 'hub: NAME-OF-A-REGION'"),
                        bad(
                                "unknown hub",
                                "hub: hub\n",
                                "hub: asia\n",
                                "a.yaml:3:6: unknown region 'asia'; write one of: hub, eu"),
                        bad(
                                "no time",
                                "500ms",
                                "5 seconds",
                                "a.yaml:4:6: rpo '5 seconds' is no time between 100ms and 24h; write a number and ms, s, m or h, as in 'rpo: 5s'"),
                        bad(
                                "time out of bounds",
                                "500ms",
                                "25h",
                                "a.yaml:4:6: rpo '25h' is no time between 100ms and 24h; write a number and ms, s, m or h, as in 'rpo: 5s'"),
                        bad(
                                "a journal that keeps nothing",
                                "rpo:",
                                "conflicts: { keep: 10s }\nrpo:",
                                "a.yaml:4:20: keep '10s' is no time between 1m and 3650d; write a number and m, h or d, as in 'keep: 7d'"),
                        bad(
                                "partitions of the wrong type",
                                "rpo:",
                                "partitions: many\nrpo:",
                                "a.yaml:4:13: partitions is 'many'; write a whole number from 1 to 256, as in 'partitions: 4'"),
                        bad(
                                "partitions beyond an int",
                                "rpo:",
                                "partitions: 99999999999\nrpo:",
                                "a.yaml:4:13: partitions is '99999999999'; write a whole number from 1 to 256, as in 'partitions: 4'"),
                        bad(
                                "flag of the wrong type",
                                "rpo:",
                                "foreignKeys: [yes]\nrpo:",
                                "a.yaml:4:14: foreignKeys is a list; write true or false, as in 'foreignKeys: false'"),
                        bad(
                                "flag as another word",
                                "createTables: false",
                                "createTables: no",
                                "a.yaml:21:19: createTables is 'no'; write true or false, as in 'createTables: true'"),
                        bad(
                                "what to do on an error as another word",
                                "createTables: false",
                                "onError: halt",
                                "a.yaml:21:14: unknown value of onError 'halt'; write one of: quarantine, stop"),
                        bad(
                                "text of the wrong type",
                                "pipeline: shop",
                                "pipeline: [shop]",
                                "a.yaml:1:11: pipeline is a list; write a text, as in 'pipeline: shop'"),
                        bad(
                                "text without a value",
                                "pipeline: shop",
                                "pipeline:",
                                "a.yaml:1:10: pipeline has no value; write one, as in 'pipeline: shop'"),
                        bad(
                                "section of the wrong type",
                                "postgres: { url: \"" + URL + "\", user: anabranch, password: \"${file:eu.secret}\" }",
                                "postgres: password:canary",
                                "a.yaml:10:15: regions.eu.postgres is a single value; write it as 'key: value' lines"),
                        bad(
                                "list of the wrong type",
                                "tables:",
                                "tables: public.customers\nrest:",
                                "a.yaml:16:9: tables is a single value; write a list: lines that begin with '- ', as in '- table: public.customers'",
                                "a.yaml:17:1: unknown key 'rest' in the file; known keys here: pipeline, topology, hub, rpo, partitions, createTables, foreignKeys, conflicts, onError, maxClockSkew, regions, tables"),
                        bad(
                                "a table that is only a name",
                                "- table: public.customers",
                                "- public.customers",
                                "a.yaml:17:5: a table is a single value; write it as 'key: value' lines"),
                        bad(
                                "variable that is not set",
                                "env:HUB_PASSWORD",
                                "env:NOBODY",
                                "a.yaml:7:103: environment variable 'NOBODY' is not set; set it before you start Anabranch"),
                        bad(
                                "secret file that is not there",
                                "file:eu.secret",
                                "file:/no/such",
                                "a.yaml:10:81: file '/no/such' cannot be read: there is no such file; correct the path, or let the user that runs Anabranch read it"),
                        bad(
                                "placeholder of an unknown kind",
                                "file:eu.secret",
                                "vault:eu",
                                "a.yaml:10:81: unknown placeholder '${vault:eu}'; write ${env:NAME} for an environment variable or ${file:path} for a file"),
                        bad(
                                "placeholder inside a text",
                                "${file:eu.secret}",
                                "canary${file:eu.secret}",
                                "a.yaml:10:81: a placeholder is only a part of the value; make ${env:NAME} or ${file:path} the whole value, and put the rest into the variable or the file"),
                        bad(
                                "url of another database",
                                URL,
                                "jdbc:mysql://db/shop",
                                "a.yaml:10:22: url 'jdbc:mysql://db/shop' is no url of a PostgreSQL database; write it as 'url: \"jdbc:postgresql://host:5432/database\"'"),
                        bad(
                                "url with a port beyond all",
                                URL,
                                "jdbc:postgresql://db:70000/shop",
                                "a.yaml:10:22: url 'jdbc:postgresql://db:70000/shop' has port 70000, which is not between 1 and 65535; write it as 'url: \"jdbc:postgresql://host:5432/database\"'"),
                        bad(
                                "url with a password",
                                URL,
                                URL + "?user=x&password=canary",
                                "a.yaml:10:22: url 'jdbc:postgresql://db_eu/shop?...' holds a password; move it to 'password: \"${env:DATABASE_PASSWORD}\"'"),
                        bad(
                                "url with a user and a password before the host",
                                URL,
                                "jdbc:postgresql://x:canary@db/shop",
                                "a.yaml:10:22: url '...@db/shop' is no url of a PostgreSQL database; write it as 'url: \"jdbc:postgresql://host:5432/database\"'"),
                        bad(
                                "url with a user",
                                URL,
                                URL + "?user=x",
                                "a.yaml:10:22: url 'jdbc:postgresql://db_eu/shop?...' holds a user; move it to 'user: NAME'"),
                        bad(
                                "one database for two regions",
                                URL,
                                "jdbc:postgresql://DB.hub:5433/shop",
                                "a.yaml:9:3: regions 'hub' and 'eu' have the same database db.hub:5433/shop; give each region its own"),
                        bad(
                                "one cluster for two regions",
                                "a.eu:9092, b.eu:9092",
                                "kafka.hub:9092",
                                "a.yaml:9:3: regions 'hub' and 'eu' have the same Kafka cluster kafka.hub:9092; give each region its own"),
                        bad(
                                "bootstrap without a port",
                                "a.eu:9092, b.eu:9092",
                                "a.eu",
                                "a.yaml:12:18: bootstrap 'a.eu' is no list of brokers; write host:port, several with commas between them, as in 'bootstrap: \"host:9092\"'"),
                        bad(
                                "bootstrap among the properties",
                                "security.protocol: SASL_SSL",
                                "bootstrap.servers: x:1",
                                "a.yaml:14:9: key 'bootstrap.servers' in the properties; write it as 'bootstrap', beside 'properties'"),
                        bad(
                                "table without a schema",
                                "public.customers",
                                "customers",
                                "a.yaml:17:12: table 'customers' is not schema.table; write the schema and the table, as in public.customers"),
                        bad(
                                "table of PostgreSQL's own",
                                "public.customers",
                                "pg_catalog.pg_class",
                                "a.yaml:17:12: schema 'pg_catalog' belongs to PostgreSQL or to Anabranch itself; leave 'pg_catalog.pg_class' out"),
                        bad(
                                "table listed twice",
                                "sales.order_*",
                                "public.\"customers\"",
                                "a.yaml:18:12: table 'public.\"customers\"' is listed twice, first in line 17; remove one of the two"),
                        bad(
                                "no tables",
                                ConfigurationParserTest.GOOD.substring(ConfigurationParserTest.GOOD.indexOf("tables:")),
                                "tables: []",
                                "a.yaml:16:9: there are no tables; add '- table: public.customers'"),
                        bad(
                                "an unknown writer",
                                "writers: hub",
                                "writers: asia",
                                "a.yaml:19:14: unknown region 'asia'; write one of: hub, all, eu"),
                        bad(
                                "a writer with a near name",
                                "writers: hub",
                                "writers: al",
                                "a.yaml:19:14: unknown region 'al'; did you mean 'all'?"),
                        bad(
                                "writers of the wrong type",
                                "writers: hub",
                                "writers: { eu: us }",
                                "a.yaml:19:14: writers is a mapping; write a text, as in 'writers: all'"),
                        bad(
                                "no writers",
                                "writers: hub",
                                "writers: []",
                                "a.yaml:19:14: no region writes the table; write 'writers: all', or name the regions"),
                        bad(
                                "unknown and repeated writers in a list",
                                "writers: hub",
                                "writers: [hub, eu, e, hub]",
                                "a.yaml:19:24: unknown region 'e'; did you mean 'eu'?",
                                "a.yaml:19:27: region 'hub' is listed twice; remove one of the two"),
                        bad(
                                "a merge policy for one writer",
                                "writers: hub",
                                "merge: { default: counter }",
                                "a.yaml:19:5: merge is for tables with several writers, and only 'hub' writes this one; leave 'merge' out, or write 'writers: all'"),
                        bad(
                                "a delete policy for one writer",
                                "writers: hub",
                                "delete: wins",
                                "a.yaml:19:5: delete is for tables with several writers, and only 'hub' writes this one; leave 'delete' out, or write 'writers: all'"),
                        bad(
                                "what to do with rows of a table with several writers",
                                "writers: hub",
                                "writers: all",
                                "a.yaml:20:15: existing 'replace' is for tables with one writer; leave 'existing' out: with several writers each region's rows stay, and are merged"),
                        bad(
                                "unknown policies, each near or not",
                                "writers: hub\n    existing: replace",
                                "writers: all\n    merge: { default: last-writer-win, columns: { a: count, b: sum } }\n    delete: win",
                                "a.yaml:20:23: unknown policy 'last-writer-win'; did you mean 'last-writer-wins'?",
                                "a.yaml:20:54: unknown policy 'count'; did you mean 'counter'?",
                                "a.yaml:20:64: unknown policy 'sum'; write one of: last-writer-wins, counter, set, min, max, prefer: REGION",
                                "a.yaml:21:13: unknown value of delete 'win'; did you mean 'wins'?"),
                        bad(
                                "a column's policy for a whole row",
                                "writers: hub\n    existing: replace",
                                "writers: all\n    merge: counter",
                                "a.yaml:20:12: policy 'counter' is for columns, not for all of a row; name its columns, as in 'merge: { columns: { on_hand: counter } }'"),
                        bad(
                                "a whole row's policy for a column",
                                "writers: hub\n    existing: replace",
                                "writers: all\n    merge: { columns: { a: last-writer-wins-per-column } }",
                                "a.yaml:20:28: policy 'last-writer-wins-per-column' is for all of a row, not for a column; write 'last-writer-wins'"),
                        bad(
                                "a column twice",
                                "writers: hub\n    existing: replace",
                                "writers: all\n    merge: { columns: { a: counter, A: set } }",
                                "a.yaml:20:37: column 'A' is listed twice; remove one of the two, or put names with capitals in double quotes inside of single ones"),
                        bad(
                                "unknown keys of a merge",
                                "writers: hub\n    existing: replace",
                                "writers: all\n    merge: { defaults: set, column: { a: set } }",
                                "a.yaml:20:14: unknown key 'defaults' in merge; did you mean 'default'?",
                                "a.yaml:20:29: unknown key 'column' in merge; did you mean 'columns'?"),
                        bad(
                                "regions to be preferred that do not write",
                                "writers: hub\n    existing: replace",
                                "writers: [hub, eu]\n    merge: { default: { prefer: us }, columns: { a: \"prefer: e\", b: { prefers: eu } } }",
                                "a.yaml:20:33: region 'us' does not write the table; name one that does: hub, eu",
                                "a.yaml:20:53: region 'e' does not write the table; name one that does: hub, eu",
                                "a.yaml:20:69: key 'prefer' is missing in merge.columns.b; add 'prefer: REGION'",
                                "a.yaml:20:71: unknown key 'prefers' in merge.columns.b; did you mean 'prefer'?"),
                        bad(
                                "unknown value of existing",
                                "existing: replace",
                                "existing: replaced",
                                "a.yaml:20:15: unknown value of existing 'replaced'; did you mean 'replace'?"),
                        bad(
                                "YAML that does not parse",
                                "hub: hub\n",
                                "hub: hub\n  topology: x\n",
                                "a.yaml:4:11: not YAML: mapping values are not allowed here; correct it here or just before"),
                        bad(
                                "a password that reads as an alias",
                                "\"${file:eu.secret}\"",
                                "*canary",
                                "a.yaml:10:81: not YAML: a value that begins with * & or ! and is not in quotes; correct it here or just before"),
                        bad(
                                "a password that reads as a tag",
                                "\"${file:eu.secret}\"",
                                "!canary!x",
                                "a.yaml:10:81: not YAML: a value that begins with * & or ! and is not in quotes; correct it here or just before"),
                        bad(
                                "a character that YAML forbids",
                                "anabranch, password: \"${file",
                                "ana\u0000branch, password: \"${file",
                                "a.yaml:10:63: character U+0000 is not allowed; remove it"),
                        bad(
                                "two documents",
                                "tables:",
                                "---\ntables:",
                                "a.yaml:16:1: not YAML: but found another document expected a single document in the stream; correct it here or just before"))
                .map(Arguments.class::cast);
    }

    private static Arguments bad(String name, String good, String bad, String... lines) {
        assertThat(ConfigurationParserTest.GOOD).as(name).contains(good);
        return argumentSet(name, ConfigurationParserTest.GOOD.replace(good, bad), List.of(lines));
    }

    @ParameterizedTest(name = "{argumentSetName}")
    @MethodSource("badFiles")
    void a_bad_file_gives_these_lines_and_no_others(String text, List<String> lines) {
        assertThat(problems(text)).containsExactlyElementsOf(lines);
    }

    @ParameterizedTest(name = "{argumentSetName}")
    @MethodSource("badFiles")
    void no_line_holds_a_secret(String text, List<String> lines) {
        assertThat(problems(text)).hasSameSizeAs(lines).noneMatch(line -> line.contains("canary"));
    }

    @Test
    void an_empty_file_says_so() {
        assertThat(problems("")).containsExactly("a.yaml: the file is empty; write a pipeline into it");
        assertThat(problems("# only this\n")).containsExactly("a.yaml: the file is empty; write a pipeline into it");
    }

    @Test
    void a_file_that_is_no_mapping_says_so() {
        assertThat(problems("- shop"))
                .containsExactly("a.yaml:1:1: the file is a list; write it as 'key: value' lines");
    }

    @Test
    void all_problems_are_told_at_once_in_the_order_of_the_file() {
        assertThat(problems("hub: x\ntopology: ring\ntabels: []\n"))
                .containsExactly(
                        "a.yaml:1:1: key 'pipeline' is missing in the file; add 'pipeline: shop'",
                        "a.yaml:1:1: key 'regions' is missing in the file; add 'regions: { hub: ..., eu: ... }'",
                        "a.yaml:1:1: key 'tables' is missing in the file; add '- table: public.customers'",
                        "a.yaml:2:11: unknown topology 'ring'; write one of: hub-and-spoke, mesh",
                        "a.yaml:3:1: unknown key 'tabels' in the file; did you mean 'tables'?");
    }

    @Test
    void aliases_upon_aliases_end_in_a_problem_and_not_in_memory() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
        for (int i = 1; i < 60; i++) {
            bomb.append("a")
                    .append(i)
                    .append(": &a")
                    .append(i)
                    .append(" [*a")
                    .append(i - 1)
                    .append(", *a")
                    .append(i - 1)
                    .append("]\n");
        }

        assertThat(problems(bomb.toString()))
                .hasSizeLessThan(100)
                .contains("a.yaml: too many aliases of lists and mappings; write them out");
    }

    @Test
    void nesting_without_end_is_a_problem_and_not_a_stack_overflow() {
        assertThat(problems("pipeline: " + "[".repeat(200_000)))
                .containsExactly("a.yaml:1:42: more than 32 levels; a pipeline needs 5");
    }

    @Test
    void a_key_that_is_no_word_is_told_and_reading_goes_on() {
        assertThat(problems(ConfigurationParserTest.GOOD + "? [x]\n: 1\n"))
                .containsExactly("a.yaml:22:3: a key in the file is a list; use a plain word");
    }

    @Test
    void an_address_to_listen_at_has_a_host_and_a_port() {
        for (String wrong : List.of("8080", "localhost", "localhost:0", "localhost:70000", "a b:1")) {
            assertThat(problems(ConfigurationParserTest.GOOD.replace(
                            "kafka: { bootstrap: \"kafka.hub:9092\" }",
                            "kafka: { bootstrap: \"kafka.hub:9092\" }\n    http: \"" + wrong + "\"")))
                    .singleElement()
                    .asString()
                    .contains("http '" + wrong + "' is no address to listen at; write host:port, as in");
        }
    }

    @Test
    void a_section_that_holds_itself_is_read_once() {
        assertThat(problems("regions: &r\n  hub: *r\n"))
                .contains("a.yaml:2:3: unknown key 'hub' in regions.hub; known keys here: postgres, kafka, http");
    }

    @Test
    void a_merge_key_is_not_followed_in_silence() {
        String text = ConfigurationParserTest.GOOD.replace(
                "security.protocol: SASL_SSL", "<<: { security.protocol: SASL_SSL }");

        assertThat(problems(text)).containsExactly("a.yaml:14:13: << is a mapping; write a text, as in '<<: value'");
    }
}
