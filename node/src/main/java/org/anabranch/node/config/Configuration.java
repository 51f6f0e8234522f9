package org.anabranch.node.config;

import java.util.List;

/**
 * A configuration file without errors.
 *
 * @param pipeline what it says
 * @param warnings what should be better, in the order of the file
 * @param secrets every secret value in it, for hiding them in output
 */
public record Configuration(Pipeline pipeline, List<Problem> warnings, List<Secret> secrets) {

    public Configuration {
        warnings = List.copyOf(warnings);
        secrets = List.copyOf(secrets);
    }
}
