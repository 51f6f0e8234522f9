package org.anabranch.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which JVM started a child, unique over reboots, containers and process ids used again.
 *
 * @param boot the kernel's id of this boot
 * @param processNamespace where the process ids are valid: a container that shares the cache folder has others
 */
record ParentKey(String boot, String processNamespace, ProcessIdentity parent) {
    private static final int PARTS = 4;

    static ParentKey ofThisJvm() {
        try {
            String boot =
                    Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
            String namespace = Files.readSymbolicLink(Path.of("/proc/self/ns/pid"))
                    .toString()
                    .replaceAll("[^0-9]", "");
            return new ParentKey(boot, namespace, ProcessIdentity.ofThisJvm());
        } catch (IOException e) {
            throw new SandboxException("Cannot read the boot id and process namespace from /proc: is this Linux?", e);
        }
    }

    static Optional<ParentKey> parse(String text) {
        String[] parts = text.split("_", -1);
        try {
            return parts.length != PARTS
                    ? Optional.empty()
                    : Optional.of(new ParentKey(
                            parts[0],
                            parts[1],
                            new ProcessIdentity(Long.parseLong(parts[2]), Long.parseLong(parts[3]))));
        } catch (NumberFormatException notOurs) {
            return Optional.empty();
        }
    }

    boolean isOfThisBoot(ParentKey other) {
        return boot.equals(other.boot);
    }

    boolean isOfThisNamespace(ParentKey other) {
        return processNamespace.equals(other.processNamespace);
    }

    /** Fits a file name and the value of an environment variable. */
    @Override
    public String toString() {
        return String.join(
                "_", boot, processNamespace, Long.toString(parent.pid()), Long.toString(parent.startTicks()));
    }
}
