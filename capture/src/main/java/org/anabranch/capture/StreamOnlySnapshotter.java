package org.anabranch.capture;

import io.debezium.bean.StandardBeanNames;
import io.debezium.bean.spi.BeanRegistry;
import io.debezium.bean.spi.BeanRegistryAware;
import io.debezium.config.CommonConnectorConfig;
import io.debezium.connector.postgresql.PostgresValueConverter;
import io.debezium.spi.snapshot.Snapshotter;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A snapshotter that never takes a snapshot (the first copy is ours) and uses the moments at which Debezium calls on it: the
 * one at which it shows its beans, before it reads the first change, to have every value kept as text; and the one just
 * before it streams, to spare it the summaries of events.
 */
public final class StreamOnlySnapshotter implements Snapshotter, BeanRegistryAware {

    static final String NAME = "anabranch";

    private @Nullable CommonConnectorConfig engine;

    @Override
    public void injectBeanRegistry(BeanRegistry beans) {
        TextTypes.keepValuesAsText(beans.lookupByName(StandardBeanNames.VALUE_CONVERTER, PostgresValueConverter.class));
        engine = beans.lookupByName(StandardBeanNames.CONNECTOR_CONFIG, CommonConnectorConfig.class);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void configure(Map<String, ?> properties) {}

    @Override
    public boolean shouldSnapshotData(boolean offsetExists, boolean snapshotInProgress) {
        return false;
    }

    @Override
    public boolean shouldSnapshotSchema(boolean offsetExists, boolean snapshotInProgress) {
        return false;
    }

    @Override
    public boolean shouldStream() {
        if (engine != null) {
            EventSummaries.switchOff(engine);
        }
        return true;
    }

    @Override
    public boolean shouldSnapshotOnSchemaError() {
        return false;
    }

    @Override
    public boolean shouldSnapshotOnDataError() {
        return false;
    }
}
