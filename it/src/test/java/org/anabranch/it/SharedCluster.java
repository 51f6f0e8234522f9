package org.anabranch.it;

import org.anabranch.sandbox.RegionCluster;

/**
 * Three servers and three brokers that all tests of a run use, each with databases and topics of its own. Tests that kill
 * them start them again.
 */
final class SharedCluster {

    private static RegionCluster cluster;

    private SharedCluster() {}

    static synchronized RegionCluster get() {
        if (cluster == null) {
            cluster = RegionCluster.start(RegionCluster.Plan.threeRegions());
            Runtime.getRuntime().addShutdownHook(new Thread(cluster::close, "end of the test cluster"));
        }
        return cluster;
    }
}
