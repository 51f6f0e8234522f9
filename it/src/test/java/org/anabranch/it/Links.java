package org.anabranch.it;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.anabranch.sandbox.FreePorts;
import org.anabranch.sandbox.KafkaBroker;
import org.anabranch.sandbox.TcpProxy;

/** How each region comes to the brokers of the others: through a line of its own, which can be cut and slowed down. */
final class Links implements AutoCloseable {

    private record Line(KafkaBroker.Listener listener, TcpProxy proxy) {}

    private final Map<String, Line> lines = new LinkedHashMap<>();

    Links(List<String> places) {
        for (String place : places) {
            for (String client : places) {
                if (!client.equals(place)) {
                    lines.put(name(client, place), open(client));
                }
            }
        }
    }

    private static Line open(String client) {
        int port = FreePorts.next();
        TcpProxy proxy = TcpProxy.open(FreePorts.next(), port);
        return new Line(new KafkaBroker.Listener(client.toUpperCase(Locale.ROOT), port, proxy.port()), proxy);
    }

    private static String name(String client, String place) {
        return client + " to " + place;
    }

    /** For the broker of a place: one for each of the others. */
    List<KafkaBroker.Listener> listeners(String place) {
        List<KafkaBroker.Listener> listeners = new ArrayList<>();
        lines.forEach((name, line) -> {
            if (name.endsWith(" to " + place)) {
                listeners.add(line.listener());
            }
        });
        return listeners;
    }

    /** Where a region finds another one's broker. */
    String bootstrap(String client, String place) {
        return "127.0.0.1:" + line(client, place).port();
    }

    void cut(String client, String place) {
        line(client, place).cut();
    }

    void slow(String client, String place, Duration delay, long bytesPerSecond) {
        line(client, place).delay(delay);
        line(client, place).throttle(bytesPerSecond);
    }

    void heal(String client, String place) {
        line(client, place).heal();
    }

    void healAll() {
        lines.values().forEach(line -> line.proxy().heal());
    }

    int connections(String client, String place) {
        return line(client, place).connections();
    }

    private TcpProxy line(String client, String place) {
        return lines.get(name(client, place)).proxy();
    }

    @Override
    public void close() {
        lines.values().forEach(line -> line.proxy().close());
    }
}
