package org.anabranch.replicator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Tells a region's nodes from one another, and a node that starts again from a new one: made up once, and kept where the node keeps
 * its files.
 */
final class NodeName {

    private static final String FILE = "node-name";
    private static final Pattern FORM = Pattern.compile("[a-z0-9-]{1,64}");

    private NodeName() {}

    /**
     * Durable before it returns. What is no name any more, as after a full disk, is made anew: then it is a new node.
     *
     * @param directory made if it is not there
     */
    static String of(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (Files.exists(file)) {
            String name = Files.readString(file).strip();
            if (FORM.matcher(name).matches()) {
                return name;
            }
        }
        Files.createDirectories(directory);
        String name = UUID.randomUUID().toString();
        Path written = Files.writeString(directory.resolve(FILE + ".new"), name + "\n");
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return name;
    }
}
