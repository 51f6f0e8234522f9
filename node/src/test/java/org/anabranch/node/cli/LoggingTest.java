package org.anabranch.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.joran.spi.JoranException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import org.anabranch.node.config.Configuration;
import org.anabranch.node.config.ConfigurationParser;
import org.anabranch.node.config.Environment;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.MDC;

class LoggingTest {

    private static final String CONFIGURATION = """
            pipeline: shop
            topology: hub-and-spoke
            hub: hub
            regions:
              hub: { postgres: { url: "jdbc:postgresql://h/shop", user: shop, password: "${env:HUB}" }, kafka: { bootstrap: "h:1" } }
              eu:
                postgres: { url: "jdbc:postgresql://e/shop", user: shop, password: tango-plain }
                kafka: { bootstrap: "e:1", properties: { sasl.jaas.config: 'X required password="tango-jaas";' } }
            tables: [ { table: public.t } ]
            """;

    private static final Environment ENVIRONMENT = new Environment() {
        @Override
        public @Nullable String variable(String name) {
            return "tango-env & more";
        }

        @Override
        public String file(String path) {
            throw new AssertionError("no file is read");
        }
    };

    /** What the program's own logging configuration writes to standard error. */
    private static String logged(String logger, int verbosity, Consumer<Logger> events) throws JoranException {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(MDC.getMDCAdapter() instanceof LogbackMDCAdapter own ? own : new LogbackMDCAdapter());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            JoranConfigurator configurator = new JoranConfigurator();
            configurator.setContext(context);
            configurator.doConfigure(LoggingTest.class.getResource("/logback.xml"));
            Logging.raise(context, verbosity);
            events.accept(context.getLogger(logger));
            context.stop();
        } finally {
            System.setErr(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void an_event_is_a_line_of_time_level_part_region_message_and_keys() throws JoranException {
        String line = logged("org.anabranch.capture.Slot", 0, log -> {
            MDC.put(LineLayout.REGION, "eu");
            log.atInfo().addKeyValue("rows", 7).addKeyValue("table", "a b").log("copied");
            MDC.remove(LineLayout.REGION);
        });

        assertThat(line)
                .matches(
                        "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z INFO  capture eu copied rows=7 table=\"a b\"\\R");
    }

    @Test
    void a_line_break_in_a_message_starts_no_event_of_its_own() throws JoranException {
        assertThat(logged("org.anabranch.X", 0, log -> log.info("one\n2026 INFO two")))
                .hasLineCount(1);
    }

    @Test
    void an_exception_is_one_line_with_its_causes_and_a_stack_trace_only_when_verbose() throws JoranException {
        Exception exception = new IllegalStateException("outer", new IllegalArgumentException("inner"));

        assertThat(logged("org.anabranch.X", 0, log -> log.warn("failed", exception)))
                .hasLineCount(1)
                .contains("failed error=\"IllegalStateException: outer <- IllegalArgumentException: inner\"");
        assertThat(logged("org.anabranch.X", 1, log -> log.warn("failed", exception)))
                .contains("at org.anabranch.node.cli.LoggingTest");
    }

    @Test
    void debug_is_for_the_verbose_and_other_libraries_are_quiet() throws JoranException {
        assertThat(logged("org.anabranch.X", 0, log -> log.debug("x"))).isEmpty();
        assertThat(logged("org.anabranch.X", 1, log -> log.debug("x"))).isNotEmpty();
        assertThat(logged("io.debezium.X", 0, log -> log.info("x"))).isEmpty();
        assertThat(logged("io.debezium.X", 1, log -> log.debug("x"))).isEmpty();
        assertThat(logged("io.debezium.X", 2, log -> log.trace("x"))).isNotEmpty();
    }

    @Test
    void no_secret_of_the_configuration_is_logged_at_any_level() throws JoranException {
        Configuration configuration = ConfigurationParser.parse("a.yaml", CONFIGURATION, ENVIRONMENT);
        SecretMask.hide(configuration);
        Map<String, String> raw =
                Map.of("database.password", "tango-plain", "url", "?password=tango-env+%26+more", "jaas", "tango-jaas");
        Exception exception = new IllegalStateException(
                "tango-env & more", new IllegalArgumentException("wrong password \"tango-plain\""));
        exception.addSuppressed(new IllegalStateException("closed tango-jaas"));

        String lines = logged("io.debezium.connector.postgresql.PostgresConnectorTask", 2, log -> {
            log.trace("configuration {}", raw);
            log.atDebug()
                    .addKeyValue("config", configuration)
                    .addKeyValue("raw", raw)
                    .log("started");
            log.atDebug()
                    .addKeyValue("password", "tango-plain")
                    .log("{}", configuration.pipeline().region("eu").kafka().properties());
            log.error("failed with tango-plain", exception);
        });

        assertThat(lines).contains("configuration {", "***", "Caused by", "Suppressed");
        assertThat(lines.lines().filter(line -> line.contains("***")).count()).isGreaterThanOrEqualTo(7);
        assertThat(lines).doesNotContain("tango");
    }
}
