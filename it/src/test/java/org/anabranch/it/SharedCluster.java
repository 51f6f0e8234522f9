package org.anabranch.it;

import java.util.List;
import org.anabranch.sandbox.RegionCluster;

/**
 * Three servers and three brokers that all tests of a run use, each with databases and topics of its own. Tests that kill
 * them start them again.
 */
final class SharedCluster {

    private static final Links LINKS = new Links(Pipelines.PLACES);

    private static RegionCluster cluster;

    private SharedCluster() {}

    static synchronized RegionCluster get() {
        if (cluster == null) {
            cluster = RegionCluster.start(plan());
            Runtime.getRuntime().addShutdownHook(new Thread(cluster::close, "end of the test cluster"));
        }
        return cluster;
    }

    /** Taken only by nodes whose files say so: {@link Pipelines#createBehindLinks}. */
    static Links links() {
        return LINKS;
    }

    private static RegionCluster.Plan plan() {
        RegionCluster.Plan plan = RegionCluster.Plan.threeRegions();
        List<RegionCluster.RegionPlan> regions = plan.regions().stream()
                .map(region -> new RegionCluster.RegionPlan(
                        region.name(),
                        region.postgresPort(),
                        region.kafkaPort(),
                        LINKS.listeners(region.name()),
                        region.postgresConfiguration(),
                        region.kafkaConfiguration()))
                .toList();
        return new RegionCluster.Plan(regions, plan.directory(), plan.progress(), plan.started());
    }
}
