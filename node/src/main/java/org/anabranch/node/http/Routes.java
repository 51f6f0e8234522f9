package org.anabranch.node.http;

import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.javalin.http.staticfiles.Location;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.anabranch.node.config.Durations;
import org.anabranch.schemas.Json;

/** Which path gives what. Everything is read only. */
final class Routes {

    private static final String CONSOLE = "/org/anabranch/node/http/console";
    private static final String JSON = "application/json; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final int LIMIT = 50;

    /** Nothing but this node's own files: rows are users' data, and a page must not be made to send them anywhere. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final NodePages pages;
    private final LiveEvents events;

    Routes(NodePages pages, LiveEvents events) {
        this.pages = pages;
        this.events = events;
    }

    void addTo(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.concurrency.useVirtualThreads = true;
        config.staticFiles.add(files -> {
            files.hostedPath = "/";
            files.directory = CONSOLE;
            files.location = Location.CLASSPATH;
            files.headers = Map.of("Cache-Control", "no-cache");
        });
        config.routes.before(context -> context.header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer"));
        config.routes.get("/livez", context -> answer(context, pages.live()));
        config.routes.get("/readyz", this::ready);
        config.routes.get("/metrics", context -> context.contentType(PROMETHEUS).result(pages.metrics()));
        config.routes.get("/api/status", context -> json(context, pages.status()));
        config.routes.get("/api/history", context -> json(context, pages.history()));
        config.routes.get("/api/conflicts", context -> json(context, pages.conflicts(limit(context))));
        config.routes.get("/api/quarantine", context -> json(context, pages.quarantine(limit(context))));
        config.routes.sse("/api/events", events::add);
        config.routes.exception(IOException.class, Routes::unavailable);
        config.routes.exception(IllegalArgumentException.class, Routes::refuse);
    }

    private void ready(Context context) {
        String text = context.queryParam("max_lag");
        Duration maxLag = text == null
                ? Duration.ofSeconds(-1)
                : Durations.parse(text)
                        .orElseThrow(() -> new IllegalArgumentException("max_lag '" + text
                                + "' is no time; write a number and ms, s, m or h, as in max_lag=5s"));
        answer(context, pages.ready(maxLag));
    }

    private static int limit(Context context) {
        String text = context.queryParam("limit");
        if (text == null) {
            return LIMIT;
        }
        if (!text.matches("\\d{1,6}")) {
            throw new IllegalArgumentException("limit '" + text + "' is no number");
        }
        return Integer.parseInt(text);
    }

    private static void answer(Context context, Health.Answer answer) {
        context.status(answer.isGood() ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
        json(context, answer.document());
    }

    private static void unavailable(IOException e, Context context) {
        context.status(HttpStatus.SERVICE_UNAVAILABLE);
        json(context, Map.of("error", String.valueOf(e.getMessage())));
    }

    private static void refuse(IllegalArgumentException e, Context context) {
        context.status(HttpStatus.BAD_REQUEST);
        json(context, Map.of("error", String.valueOf(e.getMessage())));
    }

    private static void json(Context context, Map<String, Object> document) {
        context.header("Cache-Control", "no-store").contentType(JSON).result(Json.write(document));
    }
}
