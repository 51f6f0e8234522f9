package org.anabranch.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeNameTest {

    @TempDir
    Path directory;

    @Test
    void aNodeThatStartsAgainHasTheSameName() throws Exception {
        assertThat(NodeName.of(directory.resolve("one"))).isEqualTo(NodeName.of(directory.resolve("one")));
    }

    @Test
    void nodesHaveDifferentNames() throws Exception {
        assertThat(NodeName.of(directory.resolve("one"))).isNotEqualTo(NodeName.of(directory.resolve("other")));
    }

    @Test
    void aFileThatWasCutShortIsNoName() throws Exception {
        Files.writeString(directory.resolve("node-name"), "");
        String name = NodeName.of(directory);
        assertThat(name).isNotEmpty().isEqualTo(NodeName.of(directory));
    }
}
