package org.anabranch.node.http;

import io.micrometer.core.instrument.Tags;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import javax.management.InstanceNotFoundException;
import javax.management.IntrospectionException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanException;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.OperationsException;
import javax.management.ReflectionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is of use of what Kafka's clients say of themselves. Clients come and go with the parts that use them; they all announce
 * themselves to JMX, and that is where they are read.
 */
final class KafkaClientMeters {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaClientMeters.class);

    /** Beans of one kind, and what of them is taken; all are told apart by their client's id. */
    private record Kind(String query, String prefix, List<String> attributes) {}

    private static final List<Kind> KINDS = List.of(
            new Kind(
                    "kafka.consumer:type=consumer-fetch-manager-metrics,client-id=*",
                    "kafka_consumer_",
                    List.of("records-lag-max", "bytes-consumed-rate", "records-consumed-rate", "fetch-latency-avg")),
            new Kind(
                    "kafka.consumer:type=consumer-metrics,client-id=*",
                    "kafka_consumer_",
                    List.of("connection-count", "last-poll-seconds-ago")),
            new Kind(
                    "kafka.producer:type=producer-metrics,client-id=*",
                    "kafka_producer_",
                    List.of(
                            "record-send-rate",
                            "record-error-rate",
                            "record-retry-rate",
                            "request-latency-avg",
                            "outgoing-byte-rate",
                            "buffer-available-bytes",
                            "buffer-total-bytes")),
            new Kind(
                    "kafka.streams:type=stream-metrics,client-id=*",
                    "kafka_stream_",
                    List.of("alive-stream-threads", "failed-stream-threads")),
            new Kind(
                    "kafka.streams:type=stream-thread-metrics,thread-id=*",
                    "kafka_stream_thread_",
                    List.of("process-rate", "commit-latency-avg", "poll-records-avg")));

    private final MBeanServer beans = ManagementFactory.getPlatformMBeanServer();

    void addTo(Meters meters) {
        for (Kind kind : KINDS) {
            for (ObjectName bean : named(kind.query())) {
                try {
                    add(meters, kind, bean);
                } catch (OperationsException | ReflectionException | MBeanException e) {
                    LOG.trace("A client has gone bean={}", bean, e);
                }
            }
        }
    }

    private Iterable<ObjectName> named(String query) {
        try {
            return beans.queryNames(new ObjectName(query), null);
        } catch (MalformedObjectNameException e) {
            throw new IllegalStateException(query, e);
        }
    }

    private void add(Meters meters, Kind kind, ObjectName bean)
            throws InstanceNotFoundException, IntrospectionException, ReflectionException, OperationsException,
                    MBeanException {
        String client = bean.getKeyProperty("client-id");
        Tags tags = Tags.of("client", client == null ? bean.getKeyProperty("thread-id") : client);
        for (MBeanAttributeInfo attribute : beans.getMBeanInfo(bean).getAttributes()) {
            if (kind.attributes().contains(attribute.getName())
                    && beans.getAttribute(bean, attribute.getName()) instanceof Number value
                    && !Double.isNaN(value.doubleValue())) {
                String name = attribute.getName().replace('-', '_').toLowerCase(Locale.ROOT);
                meters.gauge(kind.prefix() + name, tags, value.doubleValue());
            }
        }
    }
}
