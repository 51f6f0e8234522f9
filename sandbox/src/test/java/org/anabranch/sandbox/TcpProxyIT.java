package org.anabranch.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Through real sockets, to a server that sends back what it gets. */
class TcpProxyIT {
    private static final int READ_MILLIS_MAX = 10_000;

    private ServerSocket echo;
    private Thread serving;
    private TcpProxy proxy;

    @BeforeEach
    void open() throws IOException {
        echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        // Not a virtual thread: see TcpProxy.
        serving = Thread.ofPlatform().daemon().start(this::serve);
        proxy = TcpProxy.open(FreePorts.next(), echo.getLocalPort());
    }

    @AfterEach
    void close() throws Exception {
        proxy.close();
        stopServing();
    }

    @Test
    void passesEverythingUnchangedAndEndsWhenBothSidesHaveEnded() throws IOException {
        byte[] sent = new byte[5_000_000];
        new Random(1).nextBytes(sent);
        try (Socket client = connect()) {
            Thread.ofVirtual().start(() -> sendAndEnd(client, sent));

            assertThat(client.getInputStream().readAllBytes()).isEqualTo(sent);
        }
        await().atMost(Duration.ofMinutes(2)).until(() -> proxy.connections() == 0);
    }

    @Test
    void cutClosesConnectionsAndRefusesNewOnesUntilHealed() throws IOException {
        try (Socket client = connect()) {
            assertThat(roundTrip(client)).isEqualTo(7);
            proxy.cut();

            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
            assertThat(proxy.connections()).isZero();
        }

        proxy.heal();
        try (Socket client = connect()) {
            assertThat(roundTrip(client)).isEqualTo(7);
        }
    }

    @Test
    void canBeCutAndHealedManyTimesInARow() throws IOException {
        for (int times = 0; times < 300; times++) {
            try (Socket client = connect()) {
                client.getOutputStream().write(1);
            }
            proxy.cut();
            assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
            proxy.heal();
        }
    }

    @Test
    void aBlackHoleKeepsConnectionsUpAndWhatWasSentArrivesWhenHealed() throws IOException {
        try (Socket before = connect()) {
            assertThat(roundTrip(before)).isEqualTo(7);
            proxy.blackHole();

            try (Socket during = connect()) {
                before.getOutputStream().write(8);
                during.getOutputStream().write(9);
                assertSilent(before);
                assertSilent(during);

                proxy.heal();
                assertThat(before.getInputStream().read()).isEqualTo(8);
                assertThat(during.getInputStream().read()).isEqualTo(9);
            }
        }
    }

    @Test
    void delaysEachWayWithoutHoldingBackWhatIsSentMeanwhile() throws IOException {
        try (Socket client = connect()) {
            assertThat(roundTrip(client)).isEqualTo(7);
            proxy.delay(Duration.ofMillis(150));

            long begin = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                client.getOutputStream().write(i);
                client.getOutputStream().flush();
            }
            assertThat(client.getInputStream().readNBytes(20)).hasSize(20).endsWith((byte) 19);
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isBetween(Duration.ofMillis(300), Duration.ofMillis(2_000));

            proxy.heal();
            begin = System.nanoTime();
            assertThat(roundTrip(client)).isEqualTo(7);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(300));
        }
    }

    @Test
    void throttlesToBytesPerSecond() throws IOException {
        try (Socket client = connect()) {
            proxy.throttle(100_000);
            byte[] sent = new byte[100_000];

            long begin = System.nanoTime();
            Thread.ofVirtual().start(() -> sendAndEnd(client, sent));
            assertThat(client.getInputStream().readAllBytes()).hasSize(sent.length);

            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isBetween(Duration.ofMillis(950), Duration.ofMillis(4_000));
        }
    }

    @Test
    void resetEndsConnectionsInMidStreamAndAcceptsNewOnes() throws IOException {
        try (Socket client = connect()) {
            assertThat(roundTrip(client)).isEqualTo(7);
            proxy.reset();

            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        try (Socket client = connect()) {
            assertThat(roundTrip(client)).isEqualTo(7);
        }
    }

    @Test
    void endsTheConnectionWhenTheTargetRefusesIt() throws Exception {
        stopServing();

        try (Socket client = connect()) {
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        await().atMost(Duration.ofMinutes(2)).until(() -> proxy.connections() == 0);
    }

    private Socket connect() throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        client.setSoTimeout(READ_MILLIS_MAX);
        client.setTcpNoDelay(true);
        return client;
    }

    private static int roundTrip(Socket client) throws IOException {
        client.getOutputStream().write(7);
        return client.getInputStream().read();
    }

    private static void assertSilent(Socket client) throws IOException {
        client.setSoTimeout(200);
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        client.setSoTimeout(READ_MILLIS_MAX);
    }

    private static void sendAndEnd(Socket client, byte[] bytes) {
        try {
            client.getOutputStream().write(bytes);
            client.shutdownOutput();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** When it returns, connections are refused: the kernel listens on as long as a thread is in accept. */
    private void stopServing() throws Exception {
        echo.close();
        assertThat(serving.join(Duration.ofMinutes(1))).isTrue();
    }

    private void serve() {
        while (!echo.isClosed()) {
            try {
                Socket accepted = echo.accept();
                Thread.ofVirtual().start(() -> sendBack(accepted));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void sendBack(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            in.transferTo(socket.getOutputStream());
        } catch (IOException ended) {
            assertThat(socket.isClosed()).isTrue();
        }
    }
}
