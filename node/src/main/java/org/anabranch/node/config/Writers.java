package org.anabranch.node.config;

import java.util.List;
import org.anabranch.replicator.MergeRules;

/** Which regions write a table. */
public sealed interface Writers {

    /** In the order of the file's regions. */
    List<String> regions();

    /**
     * One region writes, all others only read.
     *
     * @param region the region that writes
     */
    record One(String region) implements Writers {
        @Override
        public List<String> regions() {
            return List.of(region);
        }
    }

    /**
     * Several regions write, at the same time.
     *
     * @param regions two or more
     * @param merge what becomes of rows that they write at the same time
     */
    record Several(List<String> regions, MergeRules.Rule merge) implements Writers {
        public Several {
            regions = List.copyOf(regions);
        }
    }
}
