package org.anabranch.node.config;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Variables and files from maps. */
record FakeEnvironment(Map<String, String> variables, Map<String, String> files) implements Environment {

    static final FakeEnvironment EMPTY = new FakeEnvironment(Map.of(), Map.of());

    @Override
    public @Nullable String variable(String name) {
        return variables.get(name);
    }

    @Override
    public String file(String path) throws IOException {
        String text = files.get(path);
        if (text == null) {
            throw new IOException("there is no such file");
        }
        return text;
    }
}
