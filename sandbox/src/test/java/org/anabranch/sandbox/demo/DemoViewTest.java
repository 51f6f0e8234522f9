package org.anabranch.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.anabranch.sandbox.demo.Snapshot.ContestedTables;
import org.anabranch.sandbox.demo.Snapshot.HubLine;
import org.anabranch.sandbox.demo.Snapshot.SpokeLine;
import org.junit.jupiter.api.Test;

class DemoViewTest {

    private static final Instant NOW = Instant.parse("2026-11-22T14:03:22.500Z");
    private static final Pattern ESCAPES = Pattern.compile("\u001B\\[[0-9;]*m");
    private static final SpokeLine EU = new SpokeLine(
            "eu",
            "RUNNING",
            "",
            120,
            5_000,
            "OK",
            1_234.4,
            OptionalDouble.of(38.4),
            micros("2026-11-22T14:03:22.118Z"),
            List.of(100L, 400L, 1_000L, -1L, 120L));
    private static final SpokeLine US = new SpokeLine(
            "us",
            "WAITING",
            "applier: PostgreSQL at 127.0.0.1:15433 does not answer: Connection refused, and so on and on",
            12_345,
            5_000,
            "BREACH",
            0,
            OptionalDouble.empty(),
            micros("2026-11-22T14:03:10.155Z"),
            LongStream.rangeClosed(1, 200).map(i -> i * 60).boxed().toList());
    private static final SpokeLine NEW =
            new SpokeLine("us", "COPYING", "", -1, 5_000, "COPYING", 0, OptionalDouble.empty(), 0, List.of(-1L));

    @Test
    void theWholePicture() {
        assertThat(String.join("\n", view(false, true).lines(snapshot("", true, EU, US))))
                .isEqualTo("""
                        Anabranch demo                                           up 1:03:12, Ctrl-C ends

                        REGION  STATE     LAG OF RPO           TO VISIBLE   ROWS/S  REPLICATED UNTIL
                        hub     RUNNING   writes 100 transactions/s, 812 rows/s (seed 4711)
                        eu      RUNNING   0.12 s of 5 s OK          38 ms    1,234  14:03:22.118
                                                                                ▁▄█ ▁  lag, full bar 1 s
                        us      WAITING   12 s of 5 s BREACH            -        0  14:03:10.155
                                ▆▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇██████████████████████████  lag, full bar 12 s
                                applier: PostgreSQL at 127.0.0.1:15433 does not answer: Connection re...

                        inventory and carts are written in all regions: 15 writes/s, 2.4 conflicts/s

                        Look in a browser: http://127.0.0.1:18080 (hub), 18081 (eu), 18082 (us)
                        Try it in another terminal (times above are UTC; TO VISIBLE is the median)
                          psql "postgresql://anabranch:anabranch@127.0.0.1:15431/shop" \\
                            -c "insert into products (name, price, stock) values ('Tea', 3.50, 9)"
                          psql "postgresql://anabranch:anabranch@127.0.0.1:15432/shop" \\
                            -c "select * from products order by id desc limit 1"
                          ./anabranch demo sql eu "select count(*) from orders"
                          for r in eu us; do ./anabranch demo sql $r \\
                            "update inventory set on_hand = on_hand - 1 where product_id = 40" & done
                          ./anabranch conflicts --limit 3 -c /tmp/anabranch-1/demo.yaml
                          ./anabranch status -c /tmp/anabranch-1/demo.yaml
                          ./anabranch tail --region us -c /tmp/anabranch-1/demo.yaml""");
    }

    @Test
    void aRegionWithoutAnEpochAndADemoWithoutWorkload() {
        List<String> lines = view(false, false).lines(snapshot("node eu has ended", false, EU, NEW));

        assertThat(String.join("\n", lines.subList(3, 12))).isEqualTo("""
                hub     RUNNING   no workload: it is yours to write to
                eu      RUNNING   0.12 s of 5 s OK          38 ms    1,234  14:03:22.118
                                                                        _~# _  lag, full bar 1 s
                us      COPYING   - of 5 s                      -        0  not yet
                                                                               lag, full bar 1 s

                inventory and carts are written in all regions: 2.4 conflicts/s

                node eu has ended""");
    }

    @Test
    void noLineIsWiderThanATerminalAndColoursChangeNothingElse() {
        List<String> plain = view(false, true).lines(snapshot("x".repeat(200), true, EU, US));
        List<String> coloured = view(true, true).lines(snapshot("x".repeat(200), true, EU, US));

        assertThat(plain).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(DemoView.WIDTH));
        assertThat(coloured).isNotEqualTo(plain);
        assertThat(coloured.stream().map(line -> ESCAPES.matcher(line).replaceAll("")))
                .isEqualTo(plain);
    }

    @Test
    void thePlainLineSaysItAll() {
        assertThat(view(false, true).plainLine(snapshot("", true, EU, US)))
                .isEqualTo(
                        "14:03:22.500 hub RUNNING, writes 100 transactions/s, 812 rows/s"
                                + " | contested 15 writes/s, 2.4 conflicts/s"
                                + " | eu RUNNING, lag 0.12 s of 5 s OK, 1,234 rows/s, to visible 38 ms"
                                + " | us WAITING, lag 12 s of 5 s BREACH, 0 rows/s, to visible -"
                                + " (applier: PostgreSQL at 127.0.0.1:15433 does not answer: Connection refused, and so on and on)");
    }

    @Test
    void theCommandsToTryNameThePortsAndTheFile() {
        DemoView moved = new DemoView(DemoPorts.of(30_000), Path.of("/data/demo.yaml"), false, true);

        assertThat(moved.toTry())
                .anyMatch(line -> line.contains("psql \"postgresql://anabranch:anabranch@127.0.0.1:30000/shop\""))
                .contains(
                        "  ./anabranch demo sql --port-base 30000 eu \"select count(*) from orders\"",
                        "  ./anabranch status -c /data/demo.yaml");
    }

    private static DemoView view(boolean colours, boolean unicode) {
        return new DemoView(DemoPorts.of(null), Path.of("/tmp/anabranch-1/demo.yaml"), colours, unicode);
    }

    private static Snapshot snapshot(String trouble, boolean workload, SpokeLine... spokes) {
        return new Snapshot(
                NOW,
                Duration.ofSeconds(3_792),
                4711,
                workload,
                99.6,
                812.3,
                new ContestedTables(15.2, 2.4),
                trouble,
                new HubLine("hub", "RUNNING", ""),
                List.of(spokes));
    }

    private static long micros(String instant) {
        return Instant.parse(instant).toEpochMilli() * 1_000;
    }
}
