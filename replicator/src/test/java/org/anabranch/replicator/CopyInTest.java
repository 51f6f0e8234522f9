package org.anabranch.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import org.anabranch.schemas.Row;
import org.junit.jupiter.api.Test;

class CopyInTest {

    @Test
    void whatCopyWouldTakeForItsOwnSignsIsEscaped() {
        StringBuilder text = new StringBuilder();

        CopyIn.append(text, Row.of("1", null, "", "a\tb\nc\rd\\e", "\\N", "\\.", "käse \uD83E\uDDC0"));
        CopyIn.append(text, Row.of((String) null));

        assertThat(text.toString()).isEqualTo("1\t\\N\t\ta\\tb\\nc\\rd\\\\e\t\\\\N\t\\\\.\tkäse \uD83E\uDDC0\n\\N\n");
    }
}
