package org.anabranch.capture;

import io.debezium.config.CommonConnectorConfig;
import io.debezium.pipeline.ChangeEventSourceCoordinator;
import io.debezium.pipeline.EventDispatcher;
import io.debezium.pipeline.signal.actions.SignalAction;
import io.debezium.pipeline.signal.actions.SignalActionProvider;
import io.debezium.pipeline.source.spi.DataChangeEventListener;
import io.debezium.pipeline.spi.Partition;
import io.debezium.spi.schema.DataCollectionId;
import java.lang.ref.WeakReference;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Debezium writes every event out as JSON, for a metric that shows the last one: a quarter of what its reading thread does.
 * What listens to events can be set on the dispatcher, and signal actions, of which we have none, are shown the dispatcher.
 * Debezium sets its own listener after that and before it streams, so ours has to wait until then.
 */
public final class EventSummaries implements SignalActionProvider {

    /** By the configuration of their engine, which is an object of its own for each: a JVM may run several. */
    private static final Map<CommonConnectorConfig, WeakReference<EventDispatcher<?, ?>>> DISPATCHERS =
            Collections.synchronizedMap(new WeakHashMap<>());

    @Override
    public <P extends Partition> Map<String, SignalAction<P>> createActions(
            EventDispatcher<P, ? extends DataCollectionId> dispatcher,
            ChangeEventSourceCoordinator<P, ?> coordinator,
            CommonConnectorConfig engine) {
        DISPATCHERS.put(engine, new WeakReference<>(dispatcher));
        return Map.of();
    }

    /** By the thread that streams, before the first event. Where Debezium has changed, its summaries stay, and only cost. */
    static void switchOff(CommonConnectorConfig engine) {
        WeakReference<EventDispatcher<?, ?>> found = DISPATCHERS.get(engine);
        EventDispatcher<?, ?> dispatcher = found == null ? null : found.get();
        if (dispatcher != null) {
            dispatcher.setEventListener(DataChangeEventListener.NO_OP());
        }
    }
}
