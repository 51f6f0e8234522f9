package org.anabranch.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.anabranch.conflict.Stamp;
import org.anabranch.node.cli.ConflictsCommand.Found;
import org.anabranch.replicator.ConflictReader.Recorded;
import org.anabranch.schemas.ConflictRecord;
import org.anabranch.schemas.ConflictRecord.Loss;
import org.anabranch.schemas.ConflictRecord.Side;
import org.anabranch.schemas.TableName;
import org.junit.jupiter.api.Test;

class ConflictTextTest {

    private static final Side EU = new Side(
            new Stamp(5, 0, "eu"), 1_000_000, false, "{\"id\":\"1\",\"name\":\"pear\\u001b[2J\",\"note\":null}");
    private static final Side US =
            new Side(new Stamp(7, 2, "us"), 2_345_678, false, "{\"id\":\"1\",\"name\":\"plum\",\"note\":\"x\"}");

    private static Found found(Side later, Loss... losses) {
        return new Found(
                new Recorded(
                        new UUID(1, 2),
                        Instant.EPOCH,
                        new TableName("public", "stock"),
                        "1",
                        new ConflictRecord(EU, later, List.of(losses))),
                List.of("eu", "us"));
    }

    @Test
    void eachColumnHasALineWithWhoWonOverWhom() {
        Found found = found(
                US, new Loss(List.of("name"), "last-writer-wins", "us"), new Loss(List.of("note"), "prefer: eu", "eu"));

        assertThat(ConflictText.lines(found))
                .containsExactly(
                        "1970-01-01 00:00:02.345  public.stock  key 1: us wrote it, not having seen that eu wrote it at"
                                + " 1970-01-01 00:00:01",
                        "    name: 'plum' of us won over 'pear [2J' of eu (last-writer-wins)",
                        "    note: NULL of eu won over 'x' of us (prefer: eu)");
    }

    @Test
    void aDeleteShowsTheRowThatIsLost() {
        Side delete = new Side(US.stamp(), US.commitMicros(), true, US.row());

        assertThat(ConflictText.lines(found(delete, new Loss(List.of(), "delete: wins", "us"))))
                .first()
                .asString()
                .contains("us deleted it, not having seen that eu wrote it");
        assertThat(ConflictText.lines(found(delete, new Loss(List.of(), "delete: wins", "us"))))
                .last()
                .asString()
                .startsWith("    row: the delete of us won over {\"id\":\"1\"")
                .endsWith("of eu (delete: wins)");
    }

    @Test
    void jsonIsOneLineWithBothRows() throws Exception {
        String line = ConflictText.json(found(US, new Loss(List.of("name"), "last-writer-wins", "us")));

        assertThat(line).doesNotContain("\n");
        JsonNode json = new ObjectMapper().readTree(line);
        assertThat(json.at("/table").asText()).isEqualTo("public.stock");
        assertThat(json.at("/regions/1").asText()).isEqualTo("us");
        assertThat(json.at("/earlier/row/note").isNull()).isTrue();
        assertThat(json.at("/later/committedAt").asText()).isEqualTo("1970-01-01T00:00:02.345678Z");
        assertThat(json.at("/losses/0/columns/0").asText()).isEqualTo("name");
        assertThat(json.at("/losses/0/winner").asText()).isEqualTo("us");
    }
}
