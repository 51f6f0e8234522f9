package org.anabranch.node.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The regions, as the rules for tables need them.
 *
 * @param all in the order of the file
 * @param hub null in a mesh, and where the file does not say
 * @param isMesh whether there is no hub
 */
record RegionNames(List<String> all, @Nullable String hub, boolean isMesh) {
    RegionNames {
        all = List.copyOf(all);
    }
}
