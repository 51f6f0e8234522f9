package org.anabranch.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection through a proxy: for each direction a thread that reads and one that writes, and between them a queue of
 * bounded size, so that a delay does not limit the rate to one piece per delay.
 */
final class ProxyConnection {
    private static final int PIECE_BYTES_MAX = 64 * 1024;
    private static final int PIECES_MAX = 64;
    private static final int DIRECTIONS = 2;

    private final Socket client;
    private final ProxyFaults faults;
    private final Consumer<ProxyConnection> onEnd;
    private final AtomicInteger directionsLeft = new AtomicInteger(DIRECTIONS);
    private @Nullable Socket target;
    private List<Thread> threads = List.of();
    private boolean ended;

    ProxyConnection(Socket client, ProxyFaults faults, Consumer<ProxyConnection> onEnd) {
        this.client = client;
        this.faults = faults;
        this.onEnd = onEnd;
    }

    /** What was read at once; empty at the end of the stream. */
    private static final class Piece {
        final byte[] bytes;
        final long readNanos = System.nanoTime();

        Piece(byte[] bytes) {
            this.bytes = bytes;
        }
    }

    /** The other end, which is connected by the caller; closed at once if this connection was ended meanwhile. */
    synchronized void target(Socket socket) throws IOException {
        target = socket;
        if (ended) {
            socket.close();
        }
    }

    /** Passes on in both directions, in threads of its own. */
    synchronized void run() throws IOException {
        Socket other = target;
        if (ended || other == null) {
            return;
        }
        client.setTcpNoDelay(true);
        other.setTcpNoDelay(true);
        BlockingQueue<Piece> there = new ArrayBlockingQueue<>(PIECES_MAX);
        BlockingQueue<Piece> back = new ArrayBlockingQueue<>(PIECES_MAX);
        threads = List.of(
                start(() -> read(client, there)),
                start(() -> write(other, there, faults.pacerThere())),
                start(() -> read(other, back)),
                start(() -> write(client, back, faults.pacerBack())));
    }

    void close() {
        end(false);
    }

    /** Both sides see "connection reset by peer". */
    void reset() {
        end(true);
    }

    private interface Passing {
        void run() throws IOException, InterruptedException;
    }

    private Thread start(Passing passing) {
        return Thread.ofVirtual().name("proxy-connection").start(() -> {
            try {
                passing.run();
            } catch (SocketException e) {
                reset();
            } catch (IOException | InterruptedException e) {
                close();
            }
        });
    }

    private static void read(Socket from, BlockingQueue<Piece> queue) throws IOException, InterruptedException {
        InputStream in = from.getInputStream();
        byte[] buffer = new byte[PIECE_BYTES_MAX];
        int length = in.read(buffer);
        while (length >= 0) {
            queue.put(new Piece(Arrays.copyOf(buffer, length)));
            length = in.read(buffer);
        }
        queue.put(new Piece(new byte[0]));
    }

    private void write(Socket to, BlockingQueue<Piece> queue, ProxyPacer pacer)
            throws IOException, InterruptedException {
        OutputStream out = to.getOutputStream();
        Piece piece = queue.take();
        while (piece.bytes.length > 0) {
            faults.awaitArrival(piece.readNanos);
            writePaced(out, piece.bytes, pacer);
            piece = queue.take();
        }
        faults.awaitArrival(piece.readNanos);
        to.shutdownOutput();
        if (directionsLeft.decrementAndGet() == 0) {
            close();
        }
    }

    private void writePaced(OutputStream out, byte[] bytes, ProxyPacer pacer) throws IOException, InterruptedException {
        int written = 0;
        while (written < bytes.length) {
            long limit = faults.bytesPerSecond();
            int length = ProxyPacer.pieceBytes(limit, bytes.length - written);
            if (limit > 0) {
                faults.awaitTurn(pacer.reserve(limit, length));
            }
            faults.awaitPassage();
            out.write(bytes, written, length);
            written += length;
        }
    }

    private synchronized void end(boolean withReset) {
        if (!ended) {
            ended = true;
            endSocket(client, withReset);
            if (target != null) {
                endSocket(target, withReset);
            }
            threads.forEach(Thread::interrupt);
            onEnd.accept(this);
        }
    }

    private static void endSocket(Socket socket, boolean withReset) {
        try (socket) {
            if (withReset && !socket.isClosed()) {
                socket.setSoLinger(true, 0);
            }
        } catch (IOException alreadyGone) {
            // Ended is ended: there is nobody to tell.
        }
    }
}
