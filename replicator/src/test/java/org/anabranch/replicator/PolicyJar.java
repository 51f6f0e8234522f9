package org.anabranch.replicator;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.anabranch.conflict.ColumnPolicy;

/** A jar with classes that are compiled on the spot. */
record PolicyJar(Path file) {

    private static final String SERVICES = "META-INF/services/" + ColumnPolicy.class.getName();

    /** @param services what the jar names as policies, a line each */
    static PolicyJar build(Path directory, List<String> sources, String services) throws IOException {
        Path classes = Files.createDirectories(directory.resolve("classes"));
        compile(sources, classes);
        Files.createDirectories(classes.resolve(SERVICES).getParent());
        Files.writeString(classes.resolve(SERVICES), services);
        Path file = directory.resolve("policies.jar");
        try (OutputStream out = Files.newOutputStream(file);
                JarOutputStream jar = new JarOutputStream(out);
                Stream<Path> found = Files.walk(classes)) {
            for (Path entry : found.filter(Files::isRegularFile).toList()) {
                jar.putNextEntry(new JarEntry(classes.relativize(entry).toString()));
                Files.copy(entry, jar);
            }
        }
        return new PolicyJar(file);
    }

    private static void compile(List<String> sources, Path classes) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter out = new StringWriter();
        List<String> options =
                List.of("-d", classes.toString(), "-proc:none", "-cp", System.getProperty("java.class.path"));
        List<Source> units = sources.stream().map(Source::new).toList();
        if (!compiler.getTask(out, null, null, options, null, units).call()) {
            throw new IllegalArgumentException(out.toString());
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String text) {
            super(
                    URI.create(
                            "string:///" + text.replaceFirst("(?s).*?\\bclass (\\w+).*", "$1") + Kind.SOURCE.extension),
                    JavaFileObject.Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** To be closed. */
    URLClassLoader classes() throws IOException {
        return new URLClassLoader(new URL[] {file.toUri().toURL()}, PolicyJar.class.getClassLoader());
    }
}
