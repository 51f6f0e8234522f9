package org.anabranch.sandbox;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * TCP ports of 127.0.0.1 that nobody listens on. They lie below the range from which the kernel takes ports for outgoing
 * connections, so that a port stays free while its server is down. No port is handed out twice by one JVM; nor by two that run side
 * by side, as each takes its ports from blocks that are its own, until it ends, by listening on their first ports.
 */
public final class FreePorts {
    private static final int FIRST = 21_000;
    private static final int LAST = 32_000;
    private static final int BLOCK = 100;
    private static final int TRIES_MAX = 5_000;
    private static final Deque<Integer> OWN = new ArrayDeque<>();

    /** Never closed: they keep blocks for as long as this JVM lives. */
    private static final List<ServerSocket> GUARDS = new ArrayList<>();

    private FreePorts() {}

    /**
     * One free port.
     *
     * @throws SandboxException if none is found
     */
    public static int next() {
        synchronized (OWN) {
            for (int tries = 0; tries < TRIES_MAX; tries++) {
                Integer port = OWN.poll();
                if (port == null) {
                    takeBlock(ThreadLocalRandom.current().nextInt((LAST - FIRST) / BLOCK));
                } else if (isFree(port)) {
                    return port;
                }
            }
        }
        throw new SandboxException("No free port between " + FIRST + " and " + LAST + " on 127.0.0.1");
    }

    /** Unless another JVM has it. */
    private static void takeBlock(int block) {
        int first = FIRST + block * BLOCK;
        try {
            GUARDS.add(new ServerSocket(first, 1, InetAddress.getLoopbackAddress()));
        } catch (IOException inUse) {
            return;
        }
        for (int port = first + 1; port < first + BLOCK; port++) {
            OWN.add(port);
        }
    }

    /** As many different free ports. */
    public static List<Integer> next(int count) {
        return Stream.generate(FreePorts::next).limit(count).toList();
    }

    /** Said before a server starts, because its own words for it are worse and come later. */
    static void require(int port, String server) {
        if (!isFree(port)) {
            throw new SandboxException(server + " cannot start: port " + port + " of 127.0.0.1 is in use by another"
                    + " program; end that, or choose another port");
        }
    }

    /** Whether a server could listen on this port of 127.0.0.1 now. */
    public static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return probe.isBound();
        } catch (IOException inUse) {
            return false;
        }
    }
}
