package org.anabranch.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.config.Secret;
import org.anabranch.node.config.Topology;
import org.anabranch.node.region.RegionView;
import org.anabranch.replicator.JournalLimits;
import org.anabranch.schemas.RegionStatus;
import org.anabranch.schemas.RegionStatus.OrphanStatus;
import org.junit.jupiter.api.Test;

class StatusTextTest {

    private static final Region EU = new Region(
            "eu",
            new Region.Postgres("jdbc:postgresql://eu/shop", "anabranch", Secret.of("canary")),
            new Region.Kafka("eu:9092", Map.of()));

    private static RegionView view(Pipeline pipeline, OrphanStatus... orphans) {
        RegionStatus status = new RegionStatus("eu", 0, List.of(), List.of(), List.of(), List.of(), List.of(orphans));
        return RegionView.of(pipeline, EU, Optional.of(status), "", Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
    }

    private static Pipeline pipeline() {
        return new Pipeline(
                "shop",
                Topology.MESH,
                null,
                Duration.ofSeconds(5),
                4,
                true,
                false,
                JournalLimits.DEFAULT,
                Duration.ofMinutes(1),
                new LinkedHashMap<>(Map.of("eu", EU)),
                List.of());
    }

    @Test
    void rows_without_parents_are_counted_for_each_foreign_key() {
        Pipeline pipeline = pipeline();
        RegionView view = view(
                pipeline,
                new OrphanStatus("public.orders", "orders_customer_fkey", "public.customers", 1),
                new OrphanStatus("public.lines", "lines_order_fkey", "public.orders", 1_200));

        assertThat(StatusText.lines(pipeline, List.of(view)))
                .endsWith(
                        "eu: 1 row of public.orders has no parent in public.customers (orders_customer_fkey);"
                                + " anabranch.orphans names it",
                        "eu: 1,200 rows of public.lines have no parent in public.orders (lines_order_fkey);"
                                + " anabranch.orphans names them");
        assertThat(view.isOverRpo()).isFalse();
    }
}
