package org.anabranch.capture;

import io.debezium.bean.StandardBeanNames;
import io.debezium.bean.spi.BeanRegistry;
import io.debezium.bean.spi.BeanRegistryAware;
import io.debezium.connector.postgresql.PostgresValueConverter;
import io.debezium.spi.snapshot.Snapshotter;
import java.util.Map;

/**
 * A snapshotter that never takes a snapshot (the first copy is ours) and uses the one moment at which Debezium shows its
 * beans, before it reads the first change, to have every value kept as text.
 */
public final class TextTypesSnapshotter implements Snapshotter, BeanRegistryAware {

    static final String NAME = "anabranch";

    @Override
    public void injectBeanRegistry(BeanRegistry beans) {
        TextTypes.keepValuesAsText(beans.lookupByName(StandardBeanNames.VALUE_CONVERTER, PostgresValueConverter.class));
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
