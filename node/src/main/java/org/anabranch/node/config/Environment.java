package org.anabranch.node.config;

import java.io.IOException;
import org.anabranch.replicator.OwnPolicies;
import org.jspecify.annotations.Nullable;

/** What a configuration file may refer to outside of itself. */
public interface Environment {

    /** The environment variable's value, or null where it is not set. */
    @Nullable
    String variable(String name);

    /**
     * The text of a file, without the line break at its end.
     *
     * @param path absolute, or relative to the folder of the configuration file
     * @throws IOException if it cannot be read, or is larger than a secret may be
     */
    String file(String path) throws IOException;

    /** The user's own merge policies. */
    default OwnPolicies policies() {
        return OwnPolicies.NONE;
    }
}
