package org.anabranch.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;

/** libfaketime, as Debian packages it: a program that it is loaded into sees another time. */
final class ShiftedClock {

    private static final Path LIBRARIES = Path.of("/usr/lib");
    private static final String LIBRARY = "faketime/libfaketime.so.1";

    private ShiftedClock() {}

    /** What a program's environment has to hold. */
    static Map<String, String> environment(Duration offset) {
        if (offset.isZero()) {
            return Map.of();
        }
        // What a program waits for by the monotonic clock is no business of the offset.
        return Map.of(
                "LD_PRELOAD",
                library().toString(),
                "FAKETIME",
                (offset.isNegative() ? "" : "+") + offset.toSeconds() + "s",
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1");
    }

    private static Path library() {
        try (Stream<Path> folders = Files.list(LIBRARIES)) {
            return folders.map(folder -> folder.resolve(LIBRARY))
                    .filter(Files::isRegularFile)
                    .findFirst()
                    .orElseThrow(() -> new SandboxException("A server's clock is shifted by libfaketime, which is not"
                            + " here: install the package libfaketime"));
        } catch (IOException e) {
            throw new SandboxException("Cannot look for libfaketime in " + LIBRARIES, e);
        }
    }
}
