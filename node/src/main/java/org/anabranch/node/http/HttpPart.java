package org.anabranch.node.http;

import io.javalin.Javalin;
import io.javalin.util.JavalinBindException;
import io.javalin.util.JavalinException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.anabranch.node.config.Region;
import org.anabranch.schemas.Part;
import org.anabranch.schemas.PartReport;
import org.anabranch.schemas.PartState;

/** Listens where the region's {@code http:} says, and answers. A port that is taken is waited for. */
public final class HttpPart implements Part {

    private final Region.Http address;
    private final NodePages pages;
    private final CountDownLatch stop = new CountDownLatch(1);

    /** @param pages what there is to be seen */
    public HttpPart(Region.Http address, NodePages pages) {
        this.address = address;
        this.pages = pages;
    }

    @Override
    public String name() {
        return "http";
    }

    @Override
    public void run(PartReport report) throws Exception {
        try (LiveEvents events = new LiveEvents(pages::tick)) {
            Javalin server = Javalin.create(config -> new Routes(pages, events).addTo(config));
            try {
                start(server);
                events.start();
                report.state(PartState.RUNNING, "listening at " + address.url());
                stop.await();
            } finally {
                server.stop();
            }
        }
    }

    private void start(Javalin server) throws IOException {
        try {
            server.start(address.host(), address.port());
        } catch (JavalinException e) {
            throw new IOException(
                    e instanceof JavalinBindException
                            ? "something listens at " + address.host() + ":" + address.port()
                                    + " already; end it, or write another 'http: host:port' for the region"
                            : "cannot listen at " + address.host() + ":" + address.port() + ": " + e.getMessage()
                                    + "; write 'http: host:port' with an address of this machine",
                    e);
        }
    }

    @Override
    public void stop() {
        stop.countDown();
    }
}
