package org.anabranch.sandbox;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The file that takes a child's output. */
final class LogFile {
    private static final int TAIL_BYTES_MAX = 8 * 1024;
    private static final int TAIL_LINES_MAX = 15;
    private static final long FILE_BYTES_MAX = 32L * 1024 * 1024;

    private LogFile() {}

    /** Creates the file's folder; a file that grew too long is kept as the one old copy, and a new one begins. */
    static void prepare(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        if (Files.exists(file) && Files.size(file) > FILE_BYTES_MAX) {
            Files.move(file, file.resolveSibling(file.getFileName() + ".old"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The file's path and last lines, for an error message. */
    static String tail(Path file) {
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "r")) {
            long start = Math.max(0, opened.length() - TAIL_BYTES_MAX);
            opened.seek(start);
            byte[] bytes = new byte[(int) (opened.length() - start)];
            opened.readFully(bytes);
            List<String> lines =
                    new String(bytes, StandardCharsets.UTF_8).lines().toList();
            List<String> last = lines.subList(Math.max(0, lines.size() - TAIL_LINES_MAX), lines.size());
            return "; the end of " + file + ":\n" + String.join("\n", last);
        } catch (IOException e) {
            return "; its log " + file + " cannot be read: " + e;
        }
    }
}
