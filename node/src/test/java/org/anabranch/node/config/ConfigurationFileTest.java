package org.anabranch.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationFileTest {

    @TempDir
    Path folder;

    @Test
    void secret_files_are_found_beside_the_configuration_file() throws IOException {
        Files.createDirectory(folder.resolve("with space"));
        Path file = Files.writeString(folder.resolve("with space/a.yaml"), ConfigurationParserTest.GOOD);
        Files.writeString(folder.resolve("with space/eu.secret"), "canary-eu\r\n");

        Pipeline pipeline = ConfigurationFile.read(file, ConfigurationParserTest.ENVIRONMENT::variable)
                .pipeline();

        assertThat(pipeline.region("eu").postgres().password().value()).isEqualTo("canary-eu");
    }

    @Test
    void a_file_that_is_not_there_is_named() {
        Path file = folder.resolve("none.yaml");

        assertThatThrownBy(() -> ConfigurationFile.read(file))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(file + ": there is no such file; name yours with --config FILE");
    }

    @Test
    void a_folder_is_no_file() {
        assertThatThrownBy(() -> ConfigurationFile.read(folder))
                .hasMessage(folder + ": the file cannot be read: it is a folder; name another with --config FILE");
    }

    @Test
    void a_huge_file_is_refused_before_it_is_parsed() throws IOException {
        Path file = Files.write(folder.resolve("a.yaml"), new byte[ConfigurationFile.FILE_BYTES_MAX + 1]);

        assertThatThrownBy(() -> ConfigurationFile.read(file)).hasMessageContaining("it has more than 1048576 bytes");
    }

    @Test
    void a_file_in_another_encoding_is_refused() throws IOException {
        Path file = Files.write(folder.resolve("a.yaml"), new byte[] {'a', (byte) 0xe4, 'b'});

        assertThatThrownBy(() -> ConfigurationFile.read(file))
                .hasMessage(file + ": the file is not in UTF-8; save it as UTF-8");
    }

    @Test
    void a_huge_secret_file_is_refused() throws IOException {
        Path file = Files.writeString(folder.resolve("a.yaml"), ConfigurationParserTest.GOOD);
        Files.write(folder.resolve("eu.secret"), new byte[ConfigurationFile.SECRET_FILE_BYTES_MAX + 1]);

        assertThatThrownBy(() -> ConfigurationFile.read(file, ConfigurationParserTest.ENVIRONMENT::variable))
                .hasMessageContaining("file 'eu.secret' cannot be read: it has more than 65536 bytes");
    }
}
