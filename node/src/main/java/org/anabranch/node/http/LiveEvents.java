package org.anabranch.node.http;

import io.javalin.http.sse.SseClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.anabranch.schemas.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends the status of all regions to everybody who looks, once a second. Thread-safe. */
final class LiveEvents implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LiveEvents.class);

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** Who comes later is sent away: each one costs a thread while it is sent to. */
    private static final int CLIENTS_MAX = 100;

    private final Supplier<Map<String, Object>> status;
    private final Set<SseClient> clients = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("anabranch live events").daemon().factory());

    /** @param status is asked once a second, whether anybody looks or not */
    LiveEvents(Supplier<Map<String, Object>> status) {
        this.status = status;
    }

    void start() {
        var unused = timer.scheduleAtFixedRate(this::send, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Takes one more. */
    void add(SseClient client) {
        if (clients.size() >= CLIENTS_MAX) {
            client.sendComment("there are " + CLIENTS_MAX + " already");
            client.close();
            return;
        }
        client.keepAlive();
        client.onClose(() -> clients.remove(client));
        clients.add(client);
        sendTo(client, text());
    }

    private String text() {
        return new String(Json.write(status.get()), StandardCharsets.UTF_8);
    }

    private void send() {
        try {
            String text = text();
            // Each on a thread of its own: one that does not read must not hold up the others.
            clients.forEach(client -> Thread.ofVirtual().start(() -> sendTo(client, text)));
        } catch (RuntimeException e) {
            LOG.warn("The status could not be sent error={}", e.toString(), e);
        }
    }

    private void sendTo(SseClient client, String text) {
        if (client.terminated()) {
            clients.remove(client);
        } else {
            client.sendEvent("status", text);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        clients.forEach(SseClient::close);
    }
}
