package org.anabranch.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.config.Secret;
import org.anabranch.node.config.Topology;
import org.anabranch.node.region.PipelineView;
import org.anabranch.replicator.JournalLimits;
import org.anabranch.schemas.RegionStatus;
import org.anabranch.schemas.RegionStatus.OrphanStatus;
import org.junit.jupiter.api.Test;

class StatusTextTest {

    private static final Region EU = new Region(
            "eu",
            new Region.Postgres("jdbc:postgresql://eu/shop", "anabranch", Secret.of("canary")),
            new Region.Kafka("eu:9092", Map.of()),
            null);

    private static PipelineView view(OrphanStatus... orphans) {
        RegionStatus status = new RegionStatus(
                "eu",
                "1.0",
                0,
                "",
                List.of(),
                List.of(),
                List.of(),
                null,
                null,
                null,
                List.of(),
                List.of(),
                List.of(orphans),
                List.of(),
                List.of(),
                Map.of());
        return PipelineView.of(
                pipeline(), null, Map.of("eu", status), Map.of(), Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
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
        PipelineView view = view(
                new OrphanStatus("public.orders", "orders_customer_fkey", "public.customers", 1),
                new OrphanStatus("public.lines", "lines_order_fkey", "public.orders", 1_200));

        assertThat(StatusText.lines(view))
                .endsWith(
                        "eu: 1 row of public.orders has no parent in public.customers (orders_customer_fkey);"
                                + " anabranch.orphans names it",
                        "eu: 1,200 rows of public.lines have no parent in public.orders (lines_order_fkey);"
                                + " anabranch.orphans names them");
        assertThat(view.isOverRpo()).isFalse();
    }
}
