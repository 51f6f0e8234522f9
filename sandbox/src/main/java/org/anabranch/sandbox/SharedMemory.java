package org.anabranch.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The System V segment that a killed postmaster leaves behind. It is tiny, but the kernel keeps only 4,096 of them until it
 * boots again, and a sandbox is killed often.
 */
final class SharedMemory {
    private static final Logger LOG = LoggerFactory.getLogger(SharedMemory.class);
    private static final Path SEGMENTS = Path.of("/proc/sysvipc/shm");
    /** The line of postmaster.pid with the segment's key and id. */
    private static final int SEGMENT_LINE = 6;

    private static final int KEY_COLUMN = 0;
    private static final int ID_COLUMN = 1;
    private static final int ATTACHED_COLUMN = 6;
    private static final int REMOVE_SECONDS_MAX = 5;

    private SharedMemory() {}

    /** Removes the segment that postmaster.pid names, if no process uses it. Call it when all the server's processes are gone. */
    static void removeLeftBehind(Path dataDirectory) {
        Path pidFile = dataDirectory.resolve("postmaster.pid");
        try {
            if (!Files.exists(pidFile) || !Files.exists(SEGMENTS)) {
                return;
            }
            List<String> lines = Files.readAllLines(pidFile);
            if (lines.size() <= SEGMENT_LINE) {
                return;
            }
            String[] keyAndId = lines.get(SEGMENT_LINE).strip().split("\\s+", -1);
            if (keyAndId.length == 2 && isUnused(keyAndId[0], keyAndId[1])) {
                remove(keyAndId[1]);
            }
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("file", pidFile)
                    .setCause(e)
                    .log("left a shared memory segment of PostgreSQL behind");
        }
    }

    private static boolean isUnused(String key, String id) throws IOException {
        return Files.readAllLines(SEGMENTS).stream()
                .map(line -> line.strip().split("\\s+", -1))
                .anyMatch(columns -> columns.length > ATTACHED_COLUMN
                        && columns[KEY_COLUMN].equals(key)
                        && columns[ID_COLUMN].equals(id)
                        && columns[ATTACHED_COLUMN].equals("0"));
    }

    private static void remove(String id) throws IOException {
        Process ipcrm = new ProcessBuilder("ipcrm", "-m", id)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            ipcrm.waitFor(REMOVE_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
