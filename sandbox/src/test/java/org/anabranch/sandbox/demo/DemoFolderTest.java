package org.anabranch.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.anabranch.node.config.Configuration;
import org.anabranch.node.config.ConfigurationFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoFolderTest {

    @TempDir
    Path directory;

    @Test
    void theConfigurationFileIsGoodWithoutAWarningAndNamesThePorts() throws IOException {
        DemoFolder folder = DemoFolder.kept(directory.resolve("new"));
        folder.writeConfiguration(DemoPorts.of(30_000));

        Configuration read = ConfigurationFile.read(folder.configuration());

        assertThat(read.warnings()).isEmpty();
        assertThat(read.pipeline().hub()).isEqualTo("hub");
        assertThat(read.pipeline().region("us").postgres().port()).isEqualTo(30_002);
        assertThat(read.pipeline().region("us").kafka().bootstrap()).isEqualTo("127.0.0.1:30005");
        assertThat(read.pipeline().region("us").postgres().password().value()).isEqualTo("anabranch");
        assertThat(ShopDatabase.TABLES)
                .allMatch(table -> read.pipeline().ruleFor("public", table).isPresent());
        assertThat(ShopDatabase.TABLES.stream().filter(table -> read.pipeline()
                        .ruleFor("public", table)
                        .orElseThrow()
                        .hasSeveralWriters()))
                .isEqualTo(ShopDatabase.CONTESTED_TABLES);
        folder.close();
    }

    @Test
    void aFolderOfAnotherDemoThatRunsIsRefused() throws IOException {
        DemoFolder first = DemoFolder.kept(directory);

        assertThatThrownBy(() -> DemoFolder.kept(directory))
                .hasMessage("--dir " + directory
                        + ": another demo runs in this folder; end that one, or choose another folder");

        first.close();
        DemoFolder.kept(directory).close();
    }

    @Test
    void aFolderWithSomethingElseInItIsRefusedAndLeftAlone() throws IOException {
        Files.writeString(directory.resolve("thesis.txt"), "x");

        assertThatThrownBy(() -> DemoFolder.kept(directory))
                .hasMessage("--dir " + directory
                        + ": the folder is not empty, and not that of a demo; choose an empty folder or a new one");
        assertThat(directory).isDirectoryContaining("glob:**thesis.txt");
        try (var files = Files.list(directory)) {
            assertThat(files).hasSize(1);
        }
    }
}
