package org.anabranch.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The folder of this user for what may be made again: unpacked programs, class archives, the list of running children. */
final class CacheFolder {
    private CacheFolder() {}

    /** A folder below the cache folder, created if missing. */
    static Path of(String name) {
        Path folder = root().resolve(name);
        try {
            Files.createDirectories(folder);
            return folder.toRealPath();
        } catch (IOException e) {
            throw new SandboxException(
                    "Cannot create " + folder + ": set XDG_CACHE_HOME to a folder that may be written", e);
        }
    }

    private static Path root() {
        @Nullable String configured = System.getenv("XDG_CACHE_HOME");
        if (configured != null && Path.of(configured).isAbsolute()) {
            return Path.of(configured, "anabranch");
        }
        Path home = Path.of(System.getProperty("user.home", "/"));
        return Files.isWritable(home)
                ? home.resolve(".cache/anabranch")
                : Path.of(System.getProperty("java.io.tmpdir", "/tmp"), "anabranch-" + System.getProperty("user.name"));
    }
}
