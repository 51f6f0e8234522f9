package org.anabranch.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.capture.SourceCheck;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.junit.jupiter.api.Test;

/** A table that is unique in one way here and in another there is found. */
class UniqueColumnsTest {

    private static final TableName TABLE = new TableName("public", "people");

    private final Map<String, SourceCheck.Source> sources = new LinkedHashMap<>();

    private void unique(String region, String... columns) {
        TableSchema schema = new TableSchema(TABLE, List.of(), List.of("id"), "FULL", List.of(), List.of(columns));
        sources.put(region, new SourceCheck.Source(List.of(schema), List.of(), Duration.ZERO));
    }

    private List<Finding> findings() {
        return new UniqueColumns(TABLE, List.of("hub", "eu", "us"), sources).findings();
    }

    @Test
    void theSameColumnsInAnyOrderAreFine() {
        unique("hub", "mail", "seat");
        unique("eu", "seat", "mail");

        assertThat(findings()).isEmpty();
    }

    @Test
    void eachRegionThatDiffersFromTheFirstIsTold() {
        unique("hub", "mail", "seat");
        unique("eu", "mail");
        unique("us");

        assertThat(findings())
                .extracting(Finding::toString)
                .containsExactly(
                        "eu: table public.people: beside its key mail must be unique, and in hub mail, seat must be unique:"
                                + " rows that one region takes the other would refuse; make the same unique constraints and"
                                + " unique indexes in both",
                        "us: table public.people: beside its key nothing is unique, and in hub mail, seat must be unique:"
                                + " rows that one region takes the other would refuse; make the same unique constraints and"
                                + " unique indexes in both");
    }

    @Test
    void aTableThatIsNotThereYetIsMadeAlike() {
        unique("hub", "mail");
        sources.put("eu", new SourceCheck.Source(List.of(), List.of(), Duration.ZERO));

        assertThat(findings()).isEmpty();
    }
}
