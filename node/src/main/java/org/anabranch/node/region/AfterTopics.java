package org.anabranch.node.region;

import org.anabranch.replicator.RegionTopics;
import org.anabranch.schemas.Part;
import org.anabranch.schemas.PartReport;

/** A part that has the region's topics made before it begins, at every run: a broker may have come back empty. */
record AfterTopics(Part part, RegionTopics topics) implements Part {

    @Override
    public String name() {
        return part.name();
    }

    @Override
    public void run(PartReport report) throws Exception {
        topics.ensure();
        part.run(report);
    }

    @Override
    public void stop() {
        part.stop();
    }
}
