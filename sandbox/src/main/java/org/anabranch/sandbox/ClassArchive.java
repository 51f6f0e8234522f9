package org.anabranch.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * A file of loaded classes (class-data sharing) for one program, class path and JVM: with it a broker is up in half the time
 * and with half the CPU. The JVM itself checks that it fits and goes without it if not.
 */
public final class ClassArchive {
    /** Of each program, one for each Java and set of jars; the oldest go. 50 MB each. */
    private static final int ARCHIVES_MAX = 3;

    private final String program;
    private final Path file;

    /** @param program a word that tells its archives from those of other programs on the same class path */
    ClassArchive(String program, List<Path> classPath) {
        CRC32 key = new CRC32();
        key.update(System.getProperty("java.vm.version", "").getBytes(StandardCharsets.UTF_8));
        classPath.forEach(entry -> key.update(identity(entry).getBytes(StandardCharsets.UTF_8)));
        this.program = program;
        this.file = CacheFolder.of("class-archives").resolve(program + "-" + Long.toHexString(key.getValue()) + ".jsa");
    }

    /** That of a program with this JVM's class path; empty if that has a folder in it, of which no JVM makes an archive. */
    public static Optional<ClassArchive> ofThisClassPath(String program) {
        List<Path> classPath = ClassPath.ofThisJvm();
        return classPath.stream().anyMatch(Files::isDirectory)
                ? Optional.empty()
                : Optional.of(new ClassArchive(program, classPath));
    }

    /** A jar that was built anew is another one, as it is for the JVM. */
    private static String identity(Path entry) {
        return entry + "|" + entry.toFile().length() + "|" + entry.toFile().lastModified() + "\n";
    }

    public boolean exists() {
        return Files.exists(file);
    }

    /** For a JVM that is to use the archive if there is one. */
    public List<String> flags() {
        return exists() ? List.of("-XX:SharedArchiveFile=" + file, "-Xshare:auto", "-Xlog:cds=off") : List.of();
    }

    /** For a JVM that writes the classes that it loaded to this file when it ends in order. */
    public static List<String> recordingFlags(Path unfinished) {
        return List.of("-XX:ArchiveClassesAtExit=" + unfinished);
    }

    /** Puts a recorded file in place at once; of two that did so at the same time the last wins. */
    public void adopt(Path unfinished) throws IOException {
        Path sameFolder = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid());
        Files.move(unfinished, sameFolder, StandardCopyOption.REPLACE_EXISTING);
        Files.move(sameFolder, file, StandardCopyOption.ATOMIC_MOVE);
        deleteOldest();
    }

    private void deleteOldest() throws IOException {
        try (Stream<Path> files = Files.list(CacheFolder.of("class-archives"))) {
            List<Path> newestFirst = files.filter(
                            archive -> String.valueOf(archive.getFileName()).startsWith(program + "-"))
                    .sorted(Comparator.comparingLong(
                                    (Path archive) -> archive.toFile().lastModified())
                            .reversed())
                    .toList();
            for (Path old : newestFirst.subList(Math.min(ARCHIVES_MAX, newestFirst.size()), newestFirst.size())) {
                Files.deleteIfExists(old);
            }
        }
    }
}
