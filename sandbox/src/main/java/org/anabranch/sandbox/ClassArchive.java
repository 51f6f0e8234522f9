package org.anabranch.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * A file of loaded classes (class-data sharing) for one class path and one JVM: with it a broker is up in half the time and
 * with half the CPU. The JVM itself checks that it fits and goes without it if not.
 */
final class ClassArchive {
    /** One for each Java and set of jars; the oldest go. 50 MB each. */
    private static final int ARCHIVES_MAX = 4;

    private final Path file;

    ClassArchive(List<Path> classPath) {
        CRC32 key = new CRC32();
        key.update(
                (ClassPath.text(classPath) + System.getProperty("java.vm.version")).getBytes(StandardCharsets.UTF_8));
        this.file = CacheFolder.of("class-archives").resolve("broker-" + Long.toHexString(key.getValue()) + ".jsa");
    }

    boolean exists() {
        return Files.exists(file);
    }

    /** For a JVM that is to use the archive if there is one. */
    List<String> flags() {
        return exists() ? List.of("-XX:SharedArchiveFile=" + file, "-Xshare:auto", "-Xlog:cds=off") : List.of();
    }

    /** For a JVM that writes the classes that it loaded to this file when it ends. */
    static List<String> recordingFlags(Path unfinished) {
        return List.of("-XX:ArchiveClassesAtExit=" + unfinished);
    }

    /** Puts a recorded file in place at once; of two that did so at the same time the last wins. */
    void adopt(Path unfinished) throws IOException {
        Path sameFolder = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid());
        Files.move(unfinished, sameFolder, StandardCopyOption.REPLACE_EXISTING);
        Files.move(sameFolder, file, StandardCopyOption.ATOMIC_MOVE);
        deleteOldest();
    }

    private void deleteOldest() throws IOException {
        try (Stream<Path> files = Files.list(CacheFolder.of("class-archives"))) {
            List<Path> newestFirst = files.sorted(Comparator.comparingLong(
                                    (Path archive) -> archive.toFile().lastModified())
                            .reversed())
                    .toList();
            for (Path old : newestFirst.subList(Math.min(ARCHIVES_MAX, newestFirst.size()), newestFirst.size())) {
                Files.deleteIfExists(old);
            }
        }
    }
}
