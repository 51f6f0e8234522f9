package org.anabranch.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.anabranch.replicator.JournalLimits;
import org.junit.jupiter.api.Test;

class ConfigurationParserTest {

    static final String GOOD = """
            pipeline: shop
            topology: hub-and-spoke
            hub: hub
            rpo: 500ms
            regions:
              hub:
                postgres: { url: "jdbc:postgresql://db.hub:5433/shop?sslmode=require", user: anabranch, password: "${env:HUB_PASSWORD}" }
                kafka: { bootstrap: "kafka.hub:9092" }
              eu:
                postgres: { url: "jdbc:postgresql://db_eu/shop", user: anabranch, password: "${file:eu.secret}" }
                kafka:
                  bootstrap: "a.eu:9092, b.eu:9092"
                  properties:
                    security.protocol: SASL_SSL
                    sasl.jaas.config: "${env:JAAS}"
            tables:
              - table: public.customers
              - table: sales.order_*
                writers: hub
                existing: replace
                createTables: false
            """;

    static final FakeEnvironment ENVIRONMENT = new FakeEnvironment(
            Map.of("HUB_PASSWORD", "canary-hub", "JAAS", "ScramLoginModule required password=\"canary-jaas\";"),
            Map.of("eu.secret", "canary-eu"));

    private static Configuration good() {
        return ConfigurationParser.parse("a.yaml", GOOD, ENVIRONMENT);
    }

    @Test
    void the_journal_of_conflicts_has_limits() {
        String text = GOOD.replace("rpo: 500ms", "conflicts: { keep: 2d, rows: 50 }");

        assertThat(ConfigurationParser.parse("a.yaml", text, ENVIRONMENT)
                        .pipeline()
                        .journal())
                .isEqualTo(new JournalLimits(Duration.ofDays(2), 50));
        assertThat(good().pipeline().journal()).isEqualTo(new JournalLimits(Duration.ofDays(7), 1_000_000));
    }

    @Test
    void a_good_file_becomes_a_pipeline() {
        Pipeline pipeline = good().pipeline();

        assertThat(pipeline.name()).isEqualTo("shop");
        assertThat(pipeline.topology()).isEqualTo(Topology.HUB_AND_SPOKE);
        assertThat(pipeline.hub()).isEqualTo("hub");
        assertThat(pipeline.rpo()).isEqualTo(Duration.ofMillis(500));
        assertThat(pipeline.partitions()).isEqualTo(4);
        assertThat(pipeline.createTables()).isTrue();
        assertThat(pipeline.foreignKeys()).isFalse();
        assertThat(pipeline.regions().keySet()).containsExactly("hub", "eu");
        assertThat(pipeline.spokes()).extracting(Region::name).containsExactly("eu");
        assertThat(good().warnings()).isEmpty();
    }

    @Test
    void a_region_has_its_database_and_its_cluster() {
        Region hub = good().pipeline().region("hub");
        Region eu = good().pipeline().region("eu");

        assertThat(hub.postgres().host()).isEqualTo("db.hub");
        assertThat(hub.postgres().port()).isEqualTo(5433);
        assertThat(hub.postgres().database()).isEqualTo("shop");
        assertThat(hub.postgres().password().value()).isEqualTo("canary-hub");
        assertThat(eu.postgres().host()).isEqualTo("db_eu");
        assertThat(eu.postgres().port()).isEqualTo(5432);
        assertThat(eu.postgres().password().value()).isEqualTo("canary-eu");
        assertThat(eu.kafka().bootstrap()).isEqualTo("a.eu:9092,b.eu:9092");
        assertThat(eu.kafka().properties()).containsEntry("security.protocol", "SASL_SSL");
    }

    @Test
    void a_table_rule_has_what_the_file_says_and_the_defaults_for_the_rest() {
        List<TableRule> tables = good().pipeline().tables();

        assertThat(tables)
                .containsExactly(
                        new TableRule(
                                TablePattern.parse("public.customers"),
                                new Writers.One("hub"),
                                Existing.REFUSE,
                                true,
                                new Position("a.yaml", 17, 5)),
                        new TableRule(
                                TablePattern.parse("sales.order_*"),
                                new Writers.One("hub"),
                                Existing.REPLACE,
                                false,
                                new Position("a.yaml", 18, 5)));
    }

    @Test
    void what_to_do_on_an_error_holds_for_all_tables_or_for_one() {
        String one = GOOD.replace("createTables: false", "onError: stop");
        String all = GOOD.replace("rpo:", "onError: stop\nrpo:").replace("createTables: false", "onError: quarantine");

        assertThat(ConfigurationParser.parse("a.yaml", one, ENVIRONMENT)
                        .pipeline()
                        .tables())
                .extracting(TableRule::onError)
                .containsExactly(OnError.QUARANTINE, OnError.STOP);
        assertThat(ConfigurationParser.parse("a.yaml", all, ENVIRONMENT)
                        .pipeline()
                        .tables())
                .extracting(TableRule::onError)
                .containsExactly(OnError.STOP, OnError.QUARANTINE);
    }

    @Test
    void a_rule_that_names_a_table_goes_before_a_glob() {
        String text = GOOD.replace("public.customers", "public.*").replace("sales.order_*", "public.orders");

        Pipeline pipeline =
                ConfigurationParser.parse("a.yaml", text, ENVIRONMENT).pipeline();

        assertThat(pipeline.ruleFor("public", "orders").map(TableRule::existing))
                .contains(Existing.REPLACE);
        assertThat(pipeline.ruleFor("public", "customers").map(TableRule::existing))
                .contains(Existing.REFUSE);
        assertThat(pipeline.ruleFor("sales", "orders")).isEmpty();
    }

    @Test
    void every_secret_is_known_and_none_is_printed() {
        Configuration configuration = good();

        assertThat(configuration.secrets())
                .extracting(Secret::value)
                .contains("canary-hub", "canary-eu", "canary-jaas");
        assertThat(configuration.toString()).doesNotContain("canary");
    }

    @Test
    void a_password_in_plain_text_is_a_warning_that_does_not_show_it() {
        String text = GOOD.replace("\"${env:HUB_PASSWORD}\"", "canary").replace("${env:JAAS}", "canary");

        Configuration configuration = ConfigurationParser.parse("a.yaml", text, ENVIRONMENT);

        assertThat(configuration.warnings())
                .extracting(Problem::toString)
                .containsExactly(
                        "a.yaml:7:103: warning: password is written in plain text; use 'password: \"${env:DATABASE_PASSWORD}\"'",
                        "a.yaml:15:27: warning: sasl.jaas.config is written in plain text; use 'sasl.jaas.config: \"${env:NAME}\"'");
    }

    @Test
    void an_alias_stands_for_what_it_names() {
        String text = GOOD.replace(
                        "user: anabranch, password: \"${env:HUB", "user: &role anabranch, password: \"${env:HUB")
                .replace("user: anabranch, password: \"${file", "user: *role, password: \"${file");

        Pipeline pipeline =
                ConfigurationParser.parse("a.yaml", text, ENVIRONMENT).pipeline();

        assertThat(pipeline.region("eu").postgres().user()).isEqualTo("anabranch");
    }
}
