package org.anabranch.sandbox;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A line of the file in which a JVM records what must not outlive it. */
sealed interface ChildRecord {
    String SEPARATOR = "\t";

    /** A child process. */
    record Started(String what, ProcessGroup group) implements ChildRecord {
        private static final int FIELDS = 6;

        @Override
        public String line() {
            @Nullable Path dataDirectory = group.dataDirectory();
            return String.join(
                    SEPARATOR,
                    "child",
                    Long.toString(group.root().pid()),
                    Long.toString(group.root().startTicks()),
                    encode(group.executable().toString()),
                    dataDirectory == null ? "" : encode(dataDirectory.toString()),
                    encode(what));
        }

        private static Started parse(String[] fields) {
            ProcessIdentity root = new ProcessIdentity(Long.parseLong(fields[1]), Long.parseLong(fields[2]));
            @Nullable Path dataDirectory = fields[4].isEmpty() ? null : Path.of(decode(fields[4]));
            return new Started(decode(fields[5]), new ProcessGroup(root, Path.of(decode(fields[3])), dataDirectory));
        }
    }

    /** A folder that goes when the JVM ends. */
    record TemporaryFolder(Path folder) implements ChildRecord {
        private static final int FIELDS = 2;

        @Override
        public String line() {
            return String.join(SEPARATOR, "folder", encode(folder.toString()));
        }
    }

    String line();

    /** Nothing if the line is cut short, which a kill in the middle of writing may do. */
    static Optional<ChildRecord> parse(String line) {
        String[] fields = line.split(SEPARATOR, -1);
        try {
            if (fields[0].equals("child") && fields.length == Started.FIELDS) {
                return Optional.of(Started.parse(fields));
            }
            if (fields[0].equals("folder") && fields.length == TemporaryFolder.FIELDS) {
                return Optional.of(new TemporaryFolder(Path.of(decode(fields[1]))));
            }
            return Optional.empty();
        } catch (IllegalArgumentException cutShort) {
            return Optional.empty();
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
