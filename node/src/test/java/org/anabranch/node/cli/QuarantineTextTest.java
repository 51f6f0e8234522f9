package org.anabranch.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.anabranch.replicator.QuarantineStore.Detail;
import org.anabranch.replicator.QuarantineStore.Entry;
import org.anabranch.replicator.QuarantineStore.Outcome;
import org.anabranch.schemas.TableName;
import org.junit.jupiter.api.Test;

class QuarantineTextTest {

    private static Entry entry(String operation, String error) {
        Instant at = Instant.parse("2026-11-23T19:00:01.234567Z");
        return new Entry(17, new TableName("public", "t"), "2\u001b[2J", operation, "hub", 2_345_678, at, error, null);
    }

    private static final Entry REFUSED = entry("INSERT", "23514: new row violates check constraint \"small\"");

    @Test
    void aChangeIsOneLineWithoutWhatATerminalObeys() {
        assertThat(QuarantineText.line("eu", REFUSED))
                .isEqualTo("17  eu  public.t  key 2 [2J  INSERT of hub  2026-11-23 19:00:01.234"
                        + "  23514: new row violates check constraint \"small\"");
        assertThat(QuarantineText.line("eu", entry("INSERT", "x".repeat(500)))).hasSizeLessThan(200);
    }

    @Test
    void whatIsShownSaysWhatTheErrorMeansAndWhatToType() {
        Detail detail = new Detail(REFUSED, null, Map.of("n", "200"), "{\"n\": 1}", List.of());
        assertThat(QuarantineText.lines("eu", detail))
                .contains("  after      n = '200'", "  before     no row", "  in table   {\"n\": 1}")
                .anyMatch(line -> line.contains("a constraint that the origin's has not"))
                .anyMatch(line -> line.contains("anabranch quarantine retry 17 --region eu"))
                .anyMatch(line -> line.contains("anabranch quarantine discard 17 --region eu --yes"));
    }

    @Test
    void aChangeThatWaitsSaysForWhat() {
        Detail detail = new Detail(REFUSED, null, null, null, List.of(3L, 4L));
        assertThat(QuarantineText.lines("eu", detail))
                .contains("  waits for  [3, 4]")
                .anyMatch(line -> line.startsWith("It waits for an earlier change"));
    }

    @Test
    void eachKindOfErrorHasItsMeaning() {
        assertThat(QuarantineText.meaning(entry("INSERT", "23505: duplicate"))).contains("same unique value");
        assertThat(QuarantineText.meaning(entry("INSERT", "42703: no column"))).contains("missing");
        assertThat(QuarantineText.meaning(entry("INSERT", "22P02: no integer"))).contains("type");
        assertThat(QuarantineText.meaning(entry("DISPLACED", "x"))).contains("comes back by itself");
        assertThat(QuarantineText.meaning(entry("UNREADABLE", "x"))).contains("damaged");
    }

    @Test
    void anOutcomeSaysWhetherItIsDoneRefusedOrNotTakenUp() {
        assertThat(QuarantineText.outcome("eu", new Outcome(true, true, null), "applied"))
                .isEqualTo("applied");
        assertThat(QuarantineText.outcome("eu", new Outcome(false, true, "23514: no"), "applied"))
                .isEqualTo("still refused: 23514: no");
        assertThat(QuarantineText.outcome("eu", new Outcome(false, false, null), "applied"))
                .startsWith("eu's node does not run");
        assertThat(QuarantineText.outcome("eu", new Outcome(false, false, "55P03: lock"), "applied"))
                .startsWith("not yet");
    }

    @Test
    void jsonHasItAll() throws Exception {
        Detail detail = new Detail(REFUSED, null, Map.of("n", "200"), "{\"n\": 1}", List.of(3L));
        JsonNode json = new ObjectMapper().readTree(QuarantineText.json("eu", detail));
        assertThat(json.at("/id").asLong()).isEqualTo(17);
        assertThat(json.at("/after/n").asText()).isEqualTo("200");
        assertThat(json.at("/standing/n").asInt()).isEqualTo(1);
        assertThat(json.at("/waitsFor/0").asLong()).isEqualTo(3);
    }
}
