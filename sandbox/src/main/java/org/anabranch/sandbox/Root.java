package org.anabranch.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** PostgreSQL refuses to run as root. */
final class Root {
    private static final int TRY_SECONDS_MAX = 10;
    private static @Nullable List<String> prefix;

    private Root() {}

    /**
     * The words that go before a command so that it is not root: none for an ordinary user. For root, a user namespace in
     * which no user is mapped: the program sees itself and its files as those of "nobody", and the kernel as root's.
     */
    static synchronized List<String> withoutRights() {
        @Nullable List<String> known = prefix;
        if (known == null) {
            known = isRoot() ? namespace() : List.of();
            prefix = known;
        }
        return known;
    }

    static boolean isRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException e) {
            throw new SandboxException("Cannot tell whether this is root: /proc/self cannot be read", e);
        }
    }

    private static List<String> namespace() {
        List<String> words = List.of("unshare", "--user");
        try {
            Process attempt = new ProcessBuilder("unshare", "--user", "true")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (attempt.waitFor(TRY_SECONDS_MAX, TimeUnit.SECONDS) && attempt.exitValue() == 0) {
                return words;
            }
            throw new SandboxException("PostgreSQL does not run as root, and 'unshare --user' is not allowed here:"
                    + " run as an ordinary user");
        } catch (IOException e) {
            throw new SandboxException(
                    "PostgreSQL does not run as root: run as an ordinary user, or install unshare (util-linux)", e);
        } catch (InterruptedException e) {
            throw SandboxException.interrupted("trying unshare", e);
        }
    }
}
