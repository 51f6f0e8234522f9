package org.anabranch.sandbox;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A line between two regions that can fail: listens on a port of 127.0.0.1 and passes on to another. Faults act on the
 * connections there are and on new ones, and may be combined. All methods may be called from any thread. When one returns,
 * its fault is there; that may take some milliseconds.
 */
public final class TcpProxy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TcpProxy.class);
    private static final int CONNECT_MILLIS_MAX = 5_000;
    private static final int BACKLOG_MAX = 256;
    private static final Duration REBIND_MAX = Duration.ofSeconds(10);
    private static final long REBIND_POLL_NANOS = 10_000_000;
    private static final Duration ACCEPT_END_MAX = Duration.ofSeconds(10);

    private final int port;
    private final int targetPort;
    private final ProxyFaults faults = new ProxyFaults();
    private final Set<ProxyConnection> connections = ConcurrentHashMap.newKeySet();
    private @Nullable ServerSocket listening;
    private @Nullable Thread accepting;
    private boolean closed;

    private TcpProxy(int port, int targetPort) {
        this.port = port;
        this.targetPort = targetPort;
    }

    /**
     * Begins to listen. Nothing needs to listen on the target's port yet: a connection is made for each that comes in.
     *
     * @throws SandboxException if the port is taken
     */
    public static TcpProxy open(int port, int targetPort) {
        TcpProxy proxy = new TcpProxy(port, targetPort);
        try {
            proxy.listen();
        } catch (IOException e) {
            throw new SandboxException("The proxy to port " + targetPort + " cannot listen on 127.0.0.1:" + port, e);
        }
        return proxy;
    }

    public int port() {
        return port;
    }

    public int targetPort() {
        return targetPort;
    }

    /** How many connections are up now. */
    public int connections() {
        return connections.size();
    }

    /** The line is cut: connections are closed, new ones refused, until {@link #heal()}. */
    public synchronized void cut() {
        stopListening();
        closeAll();
    }

    /** Connections stay up and are accepted, but nothing passes, until {@link #heal()}; then it arrives. */
    public void blackHole() {
        faults.blackHole(true);
    }

    /** What passes from now on takes this much longer, in each direction. Zero: no delay. */
    public void delay(Duration each) {
        faults.delay(each);
    }

    /**
     * All connections together pass this many bytes a second in each direction; 0: no limit. Up to 4 MB of each connection
     * and direction, and what the kernel buffers, still seem sent at once to the sender.
     */
    public void throttle(long bytesPerSecond) {
        faults.throttle(bytesPerSecond);
    }

    /** Ends all connections in mid-stream with RST. New ones are accepted. */
    public void reset() {
        connections.forEach(ProxyConnection::reset);
    }

    /** Takes back every fault. Connections that were cut stay closed. */
    public synchronized void heal() {
        faults.heal();
        if (listening == null && !closed) {
            listenAgain();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        stopListening();
        closeAll();
    }

    private void listenAgain() {
        long deadline = System.nanoTime() + REBIND_MAX.toNanos();
        while (true) {
            try {
                listen();
                return;
            } catch (IOException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw new SandboxException("127.0.0.1:" + port + " was taken by another while the line was cut", e);
                }
                LockSupport.parkNanos(REBIND_POLL_NANOS);
            }
        }
    }

    private synchronized void listen() throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG_MAX);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        listening = socket;
        // Not a virtual thread: closed while one of those accepts, a socket sometimes stays open for the kernel (JDK
        // 25).
        accepting = Thread.ofPlatform().daemon().name("proxy-" + port).start(() -> acceptAll(socket));
    }

    private void acceptAll(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Thread.ofVirtual().name("proxy-" + port + "-connect").start(() -> connect(socket, client));
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    LOG.atWarn().addKeyValue("port", port).setCause(e).log("could not accept a connection");
                }
            }
        }
    }

    /** In a black hole, connecting waits as all else does. */
    private void connect(ServerSocket acceptedBy, Socket client) {
        ProxyConnection connection = new ProxyConnection(client, faults, connections::remove);
        if (!register(acceptedBy, connection)) {
            connection.close();
            return;
        }
        try {
            faults.awaitPassage();
            Socket target = new Socket();
            connection.target(target);
            target.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort), CONNECT_MILLIS_MAX);
            connection.run();
        } catch (IOException e) {
            LOG.atDebug()
                    .addKeyValue("port", port)
                    .addKeyValue("targetPort", targetPort)
                    .setCause(e)
                    .log("connection refused by the target");
            connection.reset();
        } catch (InterruptedException e) {
            connection.close();
        }
    }

    /** False if the line was cut between accepting and this. */
    private synchronized boolean register(ServerSocket acceptedBy, ProxyConnection connection) {
        return !acceptedBy.isClosed() && connections.add(connection);
    }

    private void stopListening() {
        ServerSocket socket = listening;
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.atWarn().addKeyValue("port", port).setCause(e).log("could not close the listening socket");
            }
            listening = null;
            awaitNoLongerAccepting();
        }
    }

    /** The kernel listens on as long as a thread is in accept, although the socket is closed for Java. */
    private void awaitNoLongerAccepting() {
        Thread thread = accepting;
        try {
            if (thread != null && !thread.join(ACCEPT_END_MAX)) {
                throw new SandboxException("The proxy on 127.0.0.1:" + port + " still accepts connections");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeAll() {
        List.copyOf(connections).forEach(ProxyConnection::close);
    }
}
