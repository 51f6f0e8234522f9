package org.anabranch.node.region;

import java.util.HashMap;
import java.util.Map;
import org.anabranch.node.config.Region;

/** A region's Kafka settings as the clients take them. */
public final class KafkaProperties {

    private KafkaProperties() {}

    public static Map<String, Object> of(Region region) {
        Map<String, Object> properties = new HashMap<>(region.kafka().properties());
        properties.put("bootstrap.servers", region.kafka().bootstrap());
        return properties;
    }
}
