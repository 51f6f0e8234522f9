package org.anabranch.node.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.anabranch.replicator.OwnPolicies;
import org.jspecify.annotations.Nullable;

/** The configuration file on disk, and what it refers to. */
public final class ConfigurationFile {

    /** A thousand tables, a line each, take a tenth of it. */
    static final int FILE_BYTES_MAX = 1 << 20;

    static final int SECRET_FILE_BYTES_MAX = 64 << 10;

    private ConfigurationFile() {}

    /**
     * Reads a configuration file, its secret files, the environment variables of this process, and the merge policies on its class
     * path. Blocks on the disk only.
     *
     * @throws ConfigurationException with everything that is wrong, if anything is
     */
    public static Configuration read(Path file) {
        return read(file, System::getenv);
    }

    static Configuration read(Path file, NullableLookup variables) {
        Path folder = file.toAbsolutePath().getParent();
        return ConfigurationParser.parse(file.toString(), text(file), new OnDisk(folder, variables));
    }

    private static String text(Path file) {
        try {
            return decoded(bounded(file, FILE_BYTES_MAX));
        } catch (NoSuchFileException e) {
            throw unreadable(file, "there is no such file", "name yours with --config FILE");
        } catch (AccessDeniedException e) {
            throw unreadable(file, "the file may not be read", "let the user that runs Anabranch read it");
        } catch (CharacterCodingException e) {
            throw unreadable(file, "the file is not in UTF-8", "save it as UTF-8");
        } catch (IOException e) {
            throw unreadable(file, "the file cannot be read: " + e.getMessage(), "name another with --config FILE");
        }
    }

    private static ConfigurationException unreadable(Path file, String what, String fix) {
        return new ConfigurationException(
                List.of(new Problem(Problem.Severity.ERROR, Position.wholeFile(file.toString()), what, fix)));
    }

    private static byte[] bounded(Path file, int bytesMax) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("it is a folder");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(bytesMax + 1);
            if (bytes.length > bytesMax) {
                throw new IOException("it has more than " + bytesMax + " bytes");
            }
            return bytes;
        }
    }

    private static String decoded(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
    }

    /** Looks a name up, null where there is nothing of that name. */
    interface NullableLookup {
        @Nullable
        String find(String name);
    }

    private record OnDisk(@Nullable Path folder, NullableLookup variables) implements Environment {

        @Override
        public @Nullable String variable(String name) {
            return variables.find(name);
        }

        @Override
        public OwnPolicies policies() {
            return OwnPolicies.load(ConfigurationFile.class.getClassLoader());
        }

        @Override
        public String file(String path) throws IOException {
            try {
                Path file = folder == null ? Path.of(path) : folder.resolve(path);
                return decoded(bounded(file, SECRET_FILE_BYTES_MAX)).replaceFirst("\\R\\z", "");
            } catch (NoSuchFileException e) {
                throw new IOException("there is no such file", e);
            } catch (InvalidPathException e) {
                throw new IOException("it is no path", e);
            } catch (AccessDeniedException e) {
                throw new IOException("permission denied", e);
            } catch (CharacterCodingException e) {
                throw new IOException("it is not in UTF-8", e);
            }
        }
    }
}
