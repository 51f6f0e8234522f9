package org.anabranch.sandbox;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what JVMs left running that were killed themselves. A process is touched only if its id, the tick at which it started
 * and its program are those recorded, or if its environment names the dead parent.
 */
final class Leftovers {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);
    /** A left-over child may itself have been a parent. */
    private static final int GENERATIONS_MAX = 8;

    private final Path registry;
    private final ParentKey self;

    Leftovers(Path registry, ParentKey self) {
        this.registry = registry;
        this.self = self;
    }

    /** May be called by several JVMs at once. */
    void cleanUp() {
        try {
            boolean found = true;
            for (int generation = 0; found && generation < GENERATIONS_MAX; generation++) {
                found = cleanUpGeneration();
            }
        } catch (IOException e) {
            throw new SandboxException("Cannot clean up what an earlier sandbox left, recorded in " + registry, e);
        }
    }

    private boolean cleanUpGeneration() throws IOException {
        List<Path> ofDeadParents = new ArrayList<>();
        Set<Path> inUse = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(registry)) {
            for (Path file : files) {
                Optional<ParentKey> parent = ParentKey.parse(file.getFileName().toString());
                if (parent.isPresent() && parent.get().isOfThisNamespace(self)) {
                    if (isDead(parent.get())) {
                        ofDeadParents.add(file);
                    } else {
                        dataDirectories(read(file)).forEach(inUse::add);
                    }
                }
            }
        }
        for (Path file : ofDeadParents) {
            endAll(file, inUse);
        }
        return !ofDeadParents.isEmpty();
    }

    private boolean isDead(ParentKey parent) {
        return !parent.isOfThisBoot(self) || !parent.parent().isAlive();
    }

    private void endAll(Path file, Set<Path> inUse) throws IOException {
        ParentKey parent = ParentKey.parse(file.getFileName().toString()).orElseThrow();
        List<ChildRecord> records = read(file);
        if (parent.isOfThisBoot(self)) {
            records.stream()
                    .filter(ChildRecord.Started.class::isInstance)
                    .map(ChildRecord.Started.class::cast)
                    .forEach(started -> end(started, inUse));
            endUnrecorded(parent);
        }
        for (ChildRecord line : records) {
            if (line instanceof ChildRecord.TemporaryFolder temporary) {
                FileTree.delete(temporary.folder());
            }
        }
        Files.deleteIfExists(file);
    }

    private static void end(ChildRecord.Started started, Set<Path> inUse) {
        ProcessGroup group = started.group();
        boolean isOurs = group.root().isAlive() && group.runsExecutable(group.root());
        boolean maybeOrphans =
                !group.root().isAlive() && group.dataDirectory() != null && !inUse.contains(group.dataDirectory());
        if (isOurs || maybeOrphans) {
            if (isOurs) {
                LOG.atInfo()
                        .addKeyValue("what", started.what())
                        .addKeyValue("pid", group.root().pid())
                        .log("ending a process that a killed sandbox left running");
            }
            group.kill();
        }
    }

    /** A parent may be killed between starting a child and recording it. */
    private static void endUnrecorded(ParentKey parent) {
        String mark = ChildProcesses.PARENT_VARIABLE + "=" + parent;
        Signal.KILL.send(ProcessIdentity.all().stream()
                .filter(process -> process.wasStartedWith(mark))
                .toList());
    }

    private static List<Path> dataDirectories(List<ChildRecord> records) {
        List<Path> directories = new ArrayList<>();
        for (ChildRecord line : records) {
            if (line instanceof ChildRecord.Started started && started.group().dataDirectory() != null) {
                directories.add(started.group().dataDirectory());
            }
        }
        return directories;
    }

    private static List<ChildRecord> read(Path file) throws IOException {
        try {
            return Files.readAllLines(file).stream()
                    .map(ChildRecord::parse)
                    .flatMap(Optional::stream)
                    .toList();
        } catch (NoSuchFileException cleanedUpByAnother) {
            return List.of();
        }
    }
}
