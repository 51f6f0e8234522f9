package org.anabranch.sandbox;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What this JVM was started with, and the part of it that a broker needs. */
final class ClassPath {
    /** File names of the jars that kafka_2.13 brings, and of the logging. */
    private static final Pattern BROKER_JARS =
            Pattern.compile("(kafka_|kafka-(clients|server|group|transaction|metadata"
                    + "|storage|tools|raft|coordinator|share)|scala-|scala-logging|pcollections|HdrHistogram|hash4j|caffeine"
                    + "|commons-(validator|beanutils|digester|logging|collections)-|log4j-|argparse4j|jackson-|snakeyaml|jopt-simple"
                    + "|jose4j|metrics-core|re2j|zstd-jni|lz4-java|snappy-java|slf4j-api|logback-).*\\.jar");

    private ClassPath() {}

    /** All entries, those that a jar's manifest names included. */
    static List<Path> ofThisJvm() {
        Set<Path> entries = new LinkedHashSet<>();
        for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            if (!entry.isEmpty()) {
                Path path = Path.of(entry).toAbsolutePath().normalize();
                entries.add(path);
                entries.addAll(namedByManifest(path));
            }
        }
        return List.copyOf(entries);
    }

    /**
     * In an order that does not depend on who asks, and without folders, so that a class archive fits it. All there is if the
     * broker is not in a jar of its own.
     */
    static List<Path> ofBroker() {
        List<Path> all = ofThisJvm();
        List<Path> jars = all.stream()
                .filter(path -> BROKER_JARS.matcher(fileName(path)).matches())
                .sorted(Comparator.comparing(ClassPath::fileName).thenComparing(Comparator.naturalOrder()))
                .toList();
        return jars.stream().anyMatch(path -> fileName(path).startsWith("kafka_")) ? jars : all;
    }

    static String text(List<Path> entries) {
        return entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    private static String fileName(Path path) {
        return String.valueOf(path.getFileName());
    }

    private static List<Path> namedByManifest(Path jar) {
        if (!fileName(jar).endsWith(".jar") || !Files.isRegularFile(jar)) {
            return List.of();
        }
        try (JarFile opened = new JarFile(jar.toFile())) {
            @Nullable Manifest manifest = opened.getManifest();
            @Nullable
            String named =
                    manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            if (named == null) {
                return List.of();
            }
            List<Path> entries = new ArrayList<>();
            Stream.of(named.strip().split(" +", -1))
                    .map(entry -> jar.toUri().resolve(URI.create(entry)))
                    .filter(uri -> "file".equals(uri.getScheme()))
                    .map(Path::of)
                    .filter(Files::exists)
                    .forEach(entries::add);
            return entries;
        } catch (IOException e) {
            throw new SandboxException("Cannot read " + jar + " of the class path", e);
        }
    }
}
