package org.anabranch.node.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** This build's version and commit, and the JDK that runs it. */
public final class Version implements IVersionProvider {

    private static final String UNKNOWN = "unknown";

    @Override
    public String[] getVersion() throws IOException {
        Properties build = build();
        String commit = build.getProperty("commit", UNKNOWN);
        return new String[] {
            "anabranch " + build.getProperty("version", UNKNOWN)
                    + (commit.equals(UNKNOWN) ? "" : " (commit " + commit + ")"),
            "JDK " + Runtime.version() + " (" + System.getProperty("java.vendor", UNKNOWN) + "), "
                    + System.getProperty("os.name") + " " + System.getProperty("os.arch")
        };
    }

    /** This build's version, as in 1.2.0. */
    static String number() {
        try {
            return build().getProperty("version", UNKNOWN);
        } catch (IOException e) {
            return UNKNOWN;
        }
    }

    private static Properties build() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("build.properties")) {
            if (in != null) {
                properties.load(in);
            }
        }
        return properties;
    }
}
